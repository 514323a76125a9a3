import CLinux
import Glibc
import InterlockTesting
import Synchronization

/// A TCP server that responds with exactly the bytes that a test gives it: an HTTP server that breaks rules.
final class RawServer: Sendable {
    enum Step: Sendable {
        case send(String)
        case close
        case hang
    }
    let port: UInt16
    let received = Mutex<[String]>([])
    /// The number of connections that this server has closed, and whose close the client's kernel has acknowledged.
    let closed = Atomic(0)
    private let descriptor: Int32

    /// - Parameter steps: returns the steps after the n-th request over all connections, counted from 0.
    init(_ steps: @escaping @Sendable (Int) -> [Step]) {
        (descriptor, port) = LoopbackSocket.listening()
        DetachedThread.run { self.acceptAll(steps) }
    }

    func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    private func acceptAll(_ steps: @escaping @Sendable (Int) -> [Step]) {
        while true {
            // A child that another test starts now must not inherit the descriptor, or closing it here would have no
            // effect.
            let client = accept4(descriptor, nil, nil, Int32(SOCK_CLOEXEC.rawValue))
            guard client >= 0 else { break }
            DetachedThread.run { self.serve(client, steps) }
        }
        close(descriptor)
    }

    private func serve(_ client: Int32, _ steps: (Int) -> [Step]) {
        defer {
            // A child that another test is starting holds the connection until it executes its program, so closing it
            // here may send nothing yet; ending it does.
            shutdown(client, Int32(SHUT_WR))
            for _ in 0..<5000 where isUnacknowledged(client) { usleep(1000) }
            close(client)
            closed.add(1, ordering: .releasing)
        }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var held = ""
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe recv(client, $0.baseAddress, $0.count, 0)
            }
            guard count > 0 else { return }
            held += String(decoding: buffer[..<count], as: UTF8.self)
            // Every request of these tests ends with its JSON body.
            guard held.contains("\r\n\r\n"), held.hasSuffix("}") else { continue }
            let number = received.withLock { all in
                all.append(held)
                return all.count - 1
            }
            held = ""
            for step in steps(number) {
                switch step {
                case .send(let text): LoopbackSocket.send(Array(text.utf8), to: client)
                case .close: return
                case .hang: continue
                }
            }
        }
    }

    /// Returns true while the client's kernel has not acknowledged the end of the connection.
    private func isUnacknowledged(_ client: Int32) -> Bool {
        var state = [UInt8](repeating: 0, count: 256)
        var length = socklen_t(state.count)
        guard
            unsafe getsockopt(client, Int32(IPPROTO_TCP), TCP_INFO, &state, &length) == 0
        else { return false }
        return Int(state[0]) == TCP_FIN_WAIT1
    }
}
