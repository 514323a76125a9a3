import CLinux
import InterlockPorts

/// Asks the kernel which user the process at the other end of a TCP connection runs as, if that is a process of this
/// machine. On one thread.
final class SocketOwners: Sendable {
    /// Negative if the kernel does not answer such questions.
    private let diag = interlock_diag_open()

    deinit { if diag >= 0 { SocketCalls.close(diag) } }

    /// Returns nil if the other end is not in this network namespace, has been closed, or the kernel does not say.
    func owner(ofPeerOf connection: Int32) -> UInt32? {
        var owner: UInt32 = 0
        guard diag >= 0, unsafe interlock_peer_owner(diag, connection, &owner) == 0 else {
            return nil
        }
        return owner
    }

    /// Returns nil for a client of another machine, and for one that has closed its end.
    func source(of connection: Int32) -> RequestSource? {
        owner(ofPeerOf: connection).map(RequestSource.user)
    }
}
