import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// Rows as the store returns them, and each way in which one can be other than its node signed it.
@Suite struct ChainEntryTests {
    private let hashing = WeakHashing()

    private func rejection(
        _ row: StoredEntry, after head: ChainHead?
    ) -> EntryRejection? {
        do throws(EntryRejection) {
            _ = try ChainEntry(row, after: head, hashing: hashing)
            return nil
        } catch { return error }
    }

    /// A chain of the first entry and of one end of a request, and that row.
    private func two() throws -> (head: ChainHead, row: StoredEntry) {
        let chain = try ClusterChain()
        let row = try chain.row(.narrowing(.end(ClusterOrganisation.request(1))))
        return (try #require(chain.head), row)
    }

    /// The row with another body, whose digest covers it.
    private func row(_ body: [UInt8], like row: StoredEntry) throws -> StoredEntry {
        var changed = row
        changed.body = body
        changed.digest = ChainEntry.digest(
            after: try #require(row.previous), body: body, hashing: hashing)
        return changed
    }

    @Test func `an entry reads back as the row that it was`() throws {
        let (head, row) = try two()
        let entry = try ChainEntry(row, after: head, hashing: hashing)
        #expect(entry.stored == row)
        #expect(entry.kind == .narrowing(.end) && entry.node == ClusterOrganisation.name(1))
    }

    @Test func `a number that does not follow is a gap`() throws {
        let (head, row) = try two()
        for number: Int64 in [0, 2, -1, .max] {
            var changed = row
            changed.number = number
            #expect(
                rejection(changed, after: head) == .fault(.gap(expected: 1, found: number)))
        }
        #expect(rejection(row, after: nil) == .fault(.gap(expected: 0, found: 1)))
    }

    @Test func `a row that does not link to the entry before is found`() throws {
        let (head, row) = try two()
        for previous in [nil, hashing.sha256([1])] {
            var changed = row
            changed.previous = previous
            #expect(rejection(changed, after: head) == .fault(.wrongLink(1)))
        }
    }

    @Test func `a body or digest that was edited or is missing is found`() throws {
        let (head, row) = try two()
        var changed = row
        changed.digest = nil
        #expect(rejection(changed, after: head) == .fault(.wrongDigest(1)))
        changed.digest = hashing.sha256([1])
        #expect(rejection(changed, after: head) == .fault(.wrongDigest(1)))
        changed = row
        changed.body = nil
        #expect(rejection(changed, after: head) == .fault(.wrongDigest(1)))
        changed.body = try #require(row.body) + [0x20]
        #expect(rejection(changed, after: head) == .fault(.wrongDigest(1)))
    }

    @Test func `a column that says something else than the statement is found`() throws {
        let (head, row) = try two()
        var changed = row
        changed.kind = "run.end"
        #expect(rejection(changed, after: head) == .fault(.otherColumn(1, "kind")))
        changed = row
        changed.node = "gw2"
        #expect(rejection(changed, after: head) == .fault(.otherColumn(1, "node")))
        changed = row
        changed.subject = ClusterOrganisation.request(2).text
        #expect(rejection(changed, after: head) == .fault(.otherColumn(1, "subject")))
    }

    @Test func `a first entry is the only one of its kind`() throws {
        let chain = try ClusterChain()
        let genesis = Genesis(
            people: try chain.organisation.people(), node: ClusterOrganisation.keys(1),
            revision: nil, hasStandby: true)
        let second = try chain.row(.genesis(genesis))
        #expect(rejection(second, after: chain.head) == .fault(.otherColumn(1, "kind")))
    }

    @Test func `a kind of another version cannot be judged, and is no fault`() throws {
        let (head, row) = try two()
        let envelope = try Envelope(parsing: try #require(row.body))
        let text = String(decoding: envelope.payload, as: UTF8.self)
            .replacing("\"kind\":\"end\"", with: "\"kind\":\"rekey\"")
        let signed = ClusterOrganisation().sign(
            .control, Array(text.utf8), [ClusterOrganisation.keys(1).log])
        var changed = try self.row(signed.bytes, like: row)
        changed.kind = "rekey"
        #expect(rejection(changed, after: head) == .unknownKind(1, "rekey"))
        // An unknown kind in the column alone is an edit.
        changed = row
        changed.kind = "rekey"
        #expect(rejection(changed, after: head) == .fault(.otherColumn(1, "kind")))
    }

    @Test func `a body that is no control statement of one node is malformed`() throws {
        let (head, row) = try two()
        let organisation = ClusterOrganisation()
        let good = try Envelope(parsing: try #require(row.body))
        let key = ClusterOrganisation.keys(1).log
        var bodies: [[UInt8]] = [
            [], Array("{}".utf8), Array("[1]".utf8),
            organisation.sign(.halt, good.payload, [key]).bytes,
            organisation.sign(.control, good.payload, [key, ClusterOrganisation.key(9)]).bytes,
            // The same envelope in another spelling.
            try #require(row.body) + [0x0a],
        ]
        let text = String(decoding: good.payload, as: UTF8.self)
        for (part, other) in [
            ("\"v\":1", "\"v\":2"), ("\"v\":1", "\"v\":1 "), ("\"v\":1", "\"v\":1,\"w\":1"),
            ("\"org\":\"acme\",", ""), ("\"node\":\"gw1\"", "\"node\":\"GW1\""),
            ("\"orders\":[", "\"orders\":[1,"), ("\"request\"", "\"run\""), ("Z\"", "+00:00\""),
        ] {
            let payload = Array(text.replacing(part, with: other).utf8)
            #expect(payload != good.payload, "\(part)")
            bodies.append(organisation.sign(.control, payload, [key]).bytes)
        }
        for body in bodies {
            let found = rejection(try self.row(body, like: row), after: head)
            guard case .fault(.malformed(1, _)) = found else {
                Issue.record(
                    "\(String(decoding: body, as: UTF8.self)): \(String(describing: found))")
                continue
            }
        }
    }

    @Test func `any one byte that is flipped in any column is found`() throws {
        var random = SeededGenerator.announced()
        var chain = try ClusterChain()
        try chain.append(.halt(try chain.organisation.halt(1)))
        try chain.append(.tokenEnd("token-7"))
        let rows = chain.rows
        let verifier = chain.organisation.verifier
        for _ in 0..<rounds(1_000) {
            let place = Int.random(in: 0..<rows.count, using: &random)
            var changed = rows
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                var body = try #require(rows[place].body)
                let at = Int.random(in: 0..<body.count, using: &random)
                body[at] ^= UInt8.random(in: 1...255, using: &random)
                // A liar makes the digest fit.
                changed[place] = try row(body, like: rows[place])
            case 1: changed[place].kind += "x"
            case 2: changed[place].subject += "x"
            default: changed[place].node += "x"
            }
            var state: ChainState?
            var found: EntryRejection?
            do throws(EntryRejection) {
                for row in changed {
                    let entry = try ChainEntry(row, after: state?.head, hashing: hashing)
                    if state == nil {
                        state = try ChainState(
                            first: entry, genesis: rows[0].digest, verifier: verifier)
                    } else {
                        _ = try state?.apply(entry, verifier: verifier)
                    }
                }
            } catch { found = error }
            #expect(found != nil, "row \(place)")
        }
    }
}
