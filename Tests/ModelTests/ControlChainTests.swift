import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

/// The control log as values: a chain of entries, and each way in which it can be other than it was written.
@Suite struct ControlChainTests {
    private static let hashing = WeakHashing()

    private func entries(_ count: Int) throws -> [StoredControlEntry] {
        var head = ControlHead.empty
        return try (1...count).map { number in
            let entry = try ControlEntry(
                ControlDraft(
                    .quarantine, "server-\(number % 3)", ["n": .integer(Int64(number))]),
                after: head, node: "gw1", at: Timestamp(microseconds: Int64(number)),
                hashing: Self.hashing)
            head = ControlHead(number: entry.number, digest: entry.digest)
            return StoredControlEntry(entry)
        }
    }

    private func fault(_ entries: [StoredControlEntry]) -> ControlFault? {
        var chain = ControlChain()
        for entry in entries {
            do throws(ControlFault) { _ = try chain.take(entry, hashing: Self.hashing) } catch {
                return error
            }
        }
        return nil
    }

    @Test func `a chain verifies, and its head is the last entry`() throws {
        let entries = try entries(5)
        var chain = ControlChain()
        for entry in entries { _ = try chain.take(entry, hashing: Self.hashing) }
        #expect(chain.head == ControlHead(number: 5, digest: try #require(entries[4].digest)))
        #expect(entries[0].previous == ControlHead.empty.digest)
    }

    @Test func `an entry that is missing or doubled is a gap`() throws {
        let entries = try entries(4)
        #expect(fault([entries[0], entries[2]]) == .gap(expected: 2, found: 3))
        #expect(fault(Array(entries.dropFirst())) == .gap(expected: 1, found: 2))
        #expect(fault([entries[0], entries[0]]) == .gap(expected: 2, found: 1))
    }

    @Test func `an entry of another chain does not link`() throws {
        let entries = try entries(3)
        let other = try ControlEntry(
            ControlDraft(.lock, "lock", [:]),
            after: ControlHead(number: 1, digest: Self.hashing.sha256([7])), node: "gw1",
            at: Timestamp(microseconds: 2), hashing: Self.hashing)
        #expect(fault([entries[0], StoredControlEntry(other)]) == .wrongLink(2))
        #expect(
            fault([entries[0], entries[1].changed { $0.previous = nil }]) == .wrongLink(2))
    }

    @Test func `each member that is edited breaks the digest`() throws {
        let entries = try entries(3)
        let edits: [(inout StoredControlEntry.Members) -> Void] = [
            { $0.kind = "quarantine.end" }, { $0.subject = "server-9" },
            { $0.body = Array("{\"n\":9}".utf8) }, { $0.node = "gw2" },
            { $0.at = Timestamp(microseconds: 9) }, { $0.digest = nil },
            { $0.digest = Self.hashing.sha256([1]) },
            // The same bytes, divided otherwise between two members.
            {
                $0.subject = "server-2g"
                $0.node = "w1"
            },
        ]
        for (place, edit) in edits.enumerated() {
            let chain = [entries[0], entries[1].changed(edit), entries[2]]
            #expect(fault(chain) == .wrongDigest(2), "edit \(place)")
        }
    }

    @Test func `a kind that is not known cannot be judged`() throws {
        let entries = try entries(2)
        #expect(
            fault([entries[0], entries[1].changed { $0.kind = "use" }]) == .unknownKind(2, "use"))
    }

    @Test func `a body that is not a JSON object is malformed, even if its digest covers it`() {
        for body in ["[1]", "{\"a\":1", "", "{\"a\":1,\"a\":2}"] {
            #expect(throws: ControlFault.malformedBody(1), "\(body)") {
                try ControlEntry(
                    ControlDraft(.lock, "lock", rawBody: Array(body.utf8)), after: .empty,
                    node: "gw1", at: Timestamp(microseconds: 1), hashing: Self.hashing)
            }
        }
    }

    @Test func `any one byte that is flipped is found`() throws {
        var random = SeededGenerator.announced()
        let entries = try entries(6)
        for _ in 0..<200 {
            let place = Int.random(in: 0..<6, using: &random)
            let changed = entries[place].changed { members in
                let at = Int.random(in: 0..<members.body.count, using: &random)
                members.body[at] ^= UInt8.random(in: 1...255, using: &random)
            }
            var chain = entries
            chain[place] = changed
            #expect(fault(chain) != nil)
        }
    }
}

extension StoredControlEntry {
    /// The members of an entry, to be edited.
    struct Members {
        var previous: Digest?
        var digest: Digest?
        var kind: String
        var subject: String
        var body: [UInt8]
        var node: String
        var at: Timestamp
    }

    init(_ entry: ControlEntry) {
        self.init(
            number: entry.number, previous: entry.previous, digest: entry.digest,
            kind: entry.kind.rawValue, subject: entry.subject, body: entry.bodyBytes,
            node: entry.node, at: entry.at)
    }

    func changed(_ edit: (inout Members) -> Void) -> StoredControlEntry {
        var members = Members(
            previous: previous, digest: digest, kind: kind, subject: subject, body: body,
            node: node, at: at)
        edit(&members)
        return StoredControlEntry(
            number: number, previous: members.previous, digest: members.digest,
            kind: members.kind, subject: members.subject, body: members.body, node: members.node,
            at: members.at)
    }
}
