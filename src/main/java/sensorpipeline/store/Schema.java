package sensorpipeline.store;

import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.output.MigrateResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tables and views of the store, as the migrations in resources/schema make them. Safe for use by many threads. */
public final class Schema {

    private static final Logger LOG = LoggerFactory.getLogger(Schema.class);

    private final DataSource database;

    /** @param database where the schema is, or is to be, with the right to make tables */
    public Schema(DataSource database) {
        this.database = database;
    }

    /** Brings the schema up to date; programs that do this at the same time wait for each other. */
    public void migrate() {
        MigrateResult result = Flyway.configure()
                .dataSource(database)
                .locations("classpath:schema")
                .baselineOnMigrate(true)
                .baselineVersion("0")
                .load()
                .migrate();
        if (result.migrationsExecuted > 0) {
            LOG.info("Brought the schema to version {}", result.targetSchemaVersion);
        }
    }
}
