import InterlockCluster
import InterlockClusterPeers
import InterlockModel
import InterlockPorts

extension Invariants {
    /// The input is a request that another node passes on. It has one spelling, and says nothing of the connection or of
    /// this node's own clients: no certificate, no process, no field of one connection alone.
    package static func forwardedRequest(_ bytes: [UInt8]) {
        guard let request = try? ForwardedRequest(parsing: bytes) else { return }
        precondition((try? request.bytes()) == bytes, "a forwarded request has one spelling")
        let head = request.head
        precondition(head.forwarder == request.from.text, "it names the node that passed it on")
        precondition(head.certificate == nil && head.peer == nil, "it has no connection")
        precondition(head.path.hasPrefix("/"), "its path begins with a slash")
        for (name, value) in head.headers {
            precondition(!name.isEmpty && name == name.lowercased(), "names are in lower case")
            precondition(
                !(name + value).utf8.contains { $0 == 13 || $0 == 10 || $0 == 0 },
                "no field begins another one")
        }
        switch head.listener {
        case .agents, .local: break
        case .people, .nodes: preconditionFailure("it is of an agent")
        }
    }
}
