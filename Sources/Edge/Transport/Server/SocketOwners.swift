import CLinux
import InterlockPorts

/// Queries the kernel for the user of the process at the other end of a TCP connection, if it is a process of this
/// machine. Used by one thread.
///
/// INVARIANT: a server on loopback whose entry names a user gets no byte while its process is another user's. Kept by
/// `HTTPClientTests`, `test_upstream_owner.py`.
final class SocketOwners: Sendable {
    /// A netlink socket, or negative if the kernel does not support such queries.
    private let diag = interlock_diag_open()

    deinit { if diag >= 0 { SocketCalls.close(diag) } }

    /// Returns nil if the peer is not in this network namespace, was closed, or is unknown to the kernel.
    func owner(ofPeerOf connection: Int32) -> UInt32? {
        var owner: UInt32 = 0
        guard diag >= 0, unsafe interlock_peer_owner(diag, connection, &owner) == 0 else {
            return nil
        }
        return owner
    }

    /// Returns nil if the client is on another machine, or has closed its end.
    func source(of connection: Int32) -> RequestSource? {
        owner(ofPeerOf: connection).map(RequestSource.user)
    }
}
