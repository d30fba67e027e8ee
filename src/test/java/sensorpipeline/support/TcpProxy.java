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

/** A TCP proxy on this machine for network faults: broken, refused, delayed and stalled connections. */
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
     * @param target port of the server, which need not be running yet
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

    /** @return number of open connections */
    public int connections() {
        return connections.size();
    }

    /** Resets all connections; new ones are accepted. */
    public void cut() {
        connections.forEach(Connection::close);
    }

    /** Resets all connections and refuses new ones. */
    public synchronized void refuse() {
        closeListener();
        cut();
    }

    /** Delays all data, in both directions. */
    public void delay(Duration duration) {
        delay = duration;
    }

    /** Holds back data in both directions; connections stay open. */
    public void blackhole() {
        requestsHeld = true;
        answersHeld = true;
    }

    /** Forwards requests, but holds back responses: the server acts, and the client does not know. */
    public void holdAnswers() {
        answersHeld = true;
    }

    /** Ends all faults, and delivers the data held back. */
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
                // The listener or the client's socket is closed.
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
                // Both sides are closed.
                Thread.currentThread().setName("proxy-" + port + "-over");
            } finally {
                close();
            }
        }

        private void close() {
            connections.remove(this);
            for (Socket socket : new Socket[] {client, server}) {
                try {
                    // Sends RST instead of FIN, like a broken connection.
                    socket.setSoLinger(true, 0);
                    socket.close();
                } catch (IOException e) {
                    // Already closed.
                    continue;
                }
            }
            synchronized (connections) {
                connections.notifyAll();
            }
        }
    }
}
