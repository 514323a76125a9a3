import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// The table of `gw1` among a number of nodes, at a time that a test moves.
struct PeerCase {
    static let session = PeerSession(bytes: [UInt8](repeating: 7, count: 16))
    static let domain = TrustDomain("acme.example").unwrapped

    var table: PeerTable
    var now = BootTime(microseconds: 1_000_000_000)

    init(nodes: Int = 3, head: Int64 = 5, unreachable: Set<Int> = []) {
        table = PeerTable(
            node: ClusterOrganisation.name(1), org: "acme", domain: Self.domain,
            session: Self.session, head: Self.head(head))
        set(nodes: 1...nodes, unreachable: unreachable)
    }

    @discardableResult
    mutating func set(nodes: ClosedRange<Int>, unreachable: Set<Int> = []) -> [PeerTable.Action] {
        var members: [NodeName: MemberKeys] = [:]
        var authorities: [NodeName: String] = [:]
        for number in nodes {
            let name = ClusterOrganisation.name(number)
            members[name] = ClusterOrganisation.keys(number)
            if !unreachable.contains(number) { authorities[name] = "10.0.0.\(number):7402" }
        }
        return table.set(members: members, authorities: authorities, at: now)
    }

    static func head(_ number: Int64) -> ChainHead {
        ChainHead(number: number, digest: WeakHashing().sha256([UInt8(truncatingIfNeeded: number)]))
    }

    /// Lets time pass in steps of a tick, and returns all that is done meanwhile.
    mutating func pass(_ time: Duration) -> [PeerTable.Action] {
        let end = now + time
        var actions: [PeerTable.Action] = []
        while now < end {
            now = now + .milliseconds(50)
            actions += table.tick(at: now)
        }
        return actions
    }

    mutating func push(_ number: Int64) throws -> (Int64?, [PeerTable.Action]) {
        table.push(try ClusterOrganisation().halt(number), at: now)
    }

    /// The peer answers as it must, with this head.
    mutating func answer(
        _ message: PeerMessage, head: Int64 = 5, content: PeerResponse.Content? = nil
    ) -> [PeerTable.Action] {
        let content: PeerResponse.Content =
            content
            ?? {
                switch message.content {
                case .beat: .beat
                case .halts(let halts): .halts(halts.map { _ in true })
                case .entries: .entries([])
                case .witness: .witness(.agreed)
                }
            }()
        let response = PeerResponse(
            to: message, head: Self.head(head), at: ClusterOrganisation.start, content: content)
        return table.answered(message, response, at: now, random: 0)
    }

    mutating func fail(_ message: PeerMessage, random: UInt64 = 0) -> [PeerTable.Action] {
        table.failed(message, at: now, random: random)
    }

    /// Makes a message of another node to `gw1`.
    static func message(
        from node: Int = 2, to receiver: Int = 1, org: String = "acme", number: Int64 = 1,
        session: UInt8 = 9, head: Int64 = 6, content: PeerMessage.Content = .beat
    ) throws -> [UInt8] {
        try PeerMessage(
            org: org, from: ClusterOrganisation.name(node), to: ClusterOrganisation.name(receiver),
            session: PeerSession(bytes: [UInt8](repeating: session, count: 16)), number: number,
            head: Self.head(head), content: content
        ).canonical()
    }
}

extension [PeerTable.Action] {
    var messages: [PeerMessage] {
        compactMap { if case .send(let message, _) = $0 { message } else { nil } }
    }

    func messages(to node: Int) -> [PeerMessage] {
        messages.filter { $0.to == ClusterOrganisation.name(node) }
    }

    /// The messages of one kind.
    func messages(of kind: PeerMessage.Kind) -> [PeerMessage] {
        messages.filter { $0.content.kind == kind }
    }
}
