package sensorpipeline.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.flywaydb.core.api.output.MigrateResult;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sensorpipeline.settings.CannotStart;

/** The tables and views of the store, as the migrations in resources/schema make them. Safe for use by many threads. */
public final class Schema {

    private static final Logger LOG = LoggerFactory.getLogger(Schema.class);

    private final DataSource database;

    /** @param database where the schema is, or is to be, with the right to make tables */
    public Schema(DataSource database) {
        this.database = database;
    }

    /**
     * Brings the schema up to date; programs that do this at the same time wait for each other.
     *
     * @throws CannotStart if the database has a schema that is not this program's
     * @throws FlywayException if PostgreSQL cannot be reached, or a change fails, which then has not been made
     * @throws SQLException if PostgreSQL cannot be reached
     */
    public void migrate() throws SQLException {
        try (Connection connection = database.getConnection(); Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            // Flyway's own lock does not cover the first look at a new database. This one ends with the borrowing.
            statement.execute("SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock(hashtext('sensor_pipeline_schema'))");
            migrateAlone();
        }
    }

    private void migrateAlone() {
        MigrateResult result;
        try {
            result = Flyway.configure()
                    .dataSource(database)
                    .locations("classpath:schema")
                    .baselineOnMigrate(true)
                    .baselineVersion("0")
                    .load()
                    .migrate();
        } catch (FlywayValidateException e) {
            throw new CannotStart("The tables of this database were not made by this program, or by a changed one: use another DB_NAME, or the program that made them. "
                    + e.getMessage().lines().collect(Collectors.joining(" ")), e);
        }
        if (result.migrationsExecuted > 0) {
            LOG.info("Brought the schema to version {}", result.targetSchemaVersion);
        }
    }
}
