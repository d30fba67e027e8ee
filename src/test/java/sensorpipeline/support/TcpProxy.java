package sensorpipeline.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A cable between a client and a server of this machine that a test can cut, slow down and unplug. */
public final class TcpProxy implements AutoCloseable {

    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private final int port;
    private final int target;
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private ServerSocket listener;
    private volatile Duration delay = Duration.ZERO;
    private volatile boolean requestsHeld;
    private volatile boolean answersHeld;

    /**
     * @param port to listen on
     * @param target port of the server, which need not run yet
     */
    public TcpProxy(int port, int target) {
        this.port = port;
        this.target = target;
        listen();
    }

    /** @return the port that clients connect to */
    public int port() {
        return port;
    }

    /** @return how many connections there are now */
    public int connections() {
        return connections.size();
    }

    /** Ends all connections at once, without a goodbye; new ones are served. */
    public void cut() {
        connections.forEach(Connection::close);
    }

    /** Ends all connections and takes no new ones. */
    public synchronized void refuse() {
        closeListener();
        cut();
    }

    /** Delays every piece of data, in both directions. */
    public void delay(Duration duration) {
        delay = duration;
    }

    /** Swallows what comes, in both directions: connections stay, and nobody hears anything. */
    public void blackhole() {
        requestsHeld = true;
        answersHeld = true;
    }

    /** Lets clients be heard, and swallows what the server answers: it acts, and the client does not know. */
    public void holdAnswers() {
        answersHeld = true;
    }

    /** Serves as if nothing had been; what was held is delivered. */
    public synchronized void mend() {
        delay = Duration.ZERO;
        requestsHeld = false;
        answersHeld = false;
        if (listener.isClosed()) {
            listen();
        }
        synchronized (connections) {
            connections.notifyAll();
        }
    }

    private void listen() {
        try {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(LOOPBACK, port), 200);
            listener = socket;
            daemon("accept", () -> accept(socket));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void accept(ServerSocket socket) {
        while (!socket.isClosed()) {
            try {
                new Connection(socket.accept()).start();
            } catch (IOException e) {
                // Closed, or a client that has gone again.
                continue;
            }
        }
    }

    private void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, "proxy-" + port + "-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    private void closeListener() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized void close() {
        refuse();
    }

    private final class Connection {
        private final Socket client;
        private final Socket server = new Socket();

        Connection(Socket client) {
            this.client = client;
        }

        void start() {
            connections.add(this);
            daemon("requests", () -> {
                try {
                    server.connect(new InetSocketAddress(LOOPBACK, target), 5000);
                    client.setTcpNoDelay(true);
                    server.setTcpNoDelay(true);
                    daemon("answers", () -> pump(server, client, false));
                } catch (IOException e) {
                    close();
                    return;
                }
                pump(client, server, true);
            });
        }

        private void pump(Socket from, Socket to, boolean isRequest) {
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                byte[] piece = new byte[256 * 1024];
                for (int length = in.read(piece); length >= 0; length = in.read(piece)) {
                    if (!delay.isZero()) {
                        Thread.sleep(delay.toMillis());
                    }
                    synchronized (connections) {
                        while ((isRequest ? requestsHeld : answersHeld) && !client.isClosed()) {
                            connections.wait();
                        }
                    }
                    out.write(piece, 0, length);
                }
            } catch (IOException | InterruptedException e) {
                // The connection is over, for both.
                Thread.currentThread().setName("proxy-" + port + "-over");
            } finally {
                close();
            }
        }

        private void close() {
            connections.remove(this);
            for (Socket socket : new Socket[] {client, server}) {
                try {
                    // A reset, not a goodbye: that is how cables break.
                    socket.setSoLinger(true, 0);
                    socket.close();
                } catch (IOException e) {
                    // It was closed before.
                    continue;
                }
            }
            synchronized (connections) {
                connections.notifyAll();
            }
        }
    }
}
