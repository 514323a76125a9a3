import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// The form of messages and answers.
@Suite struct PeerMessageTests {
    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private func use() throws -> (ClusterChain, WitnessRequest) {
        var chain = try ClusterChain()
        let digest = WeakHashing().sha256([1])
        let row = try chain.append(
            .use(
                GrantUse(
                    request: ClusterOrganisation.request(1), number: 1, call: digest,
                    intent: digest)))
        let head = try #require(chain.head)
        return (chain, try #require(WitnessRequest(head: head, use: row)))
    }

    private func contents() throws -> [PeerMessage.Content] {
        let halt = try ClusterOrganisation().halt(1)
        return [
            .beat, .halts([halt]), .entries(after: 0), .witness(try use().1),
        ]
    }

    @Test func `a message reads back as it was written`() throws {
        for content in try contents() {
            let bytes = try PeerCase.message(content: content)
            let message = try PeerMessage(parsing: bytes)
            #expect(message.content == content)
            #expect(message.from == ClusterOrganisation.name(2))
            #expect(message.head == PeerCase.head(6))
            #expect(try message.canonical() == bytes)
        }
    }

    @Test func `an answer reads back as it was written, and answers its message alone`() throws {
        let chain = try use().0
        let answers: [(PeerMessage.Content, [PeerResponse.Content])] = [
            (.beat, [.beat]), (.halts([try ClusterOrganisation().halt(1)]), [.halts([true])]),
            (.entries(after: 0), [.entries([]), .entries([chain.rows[1]])]),
            (
                .witness(try use().1),
                [
                    .witness(.agreed), .witness(.otherChain(PeerCase.head(3))),
                    .witness(.behind(PeerCase.head(2))),
                ]
            ),
        ]
        for (place, (content, responses)) in answers.enumerated() {
            let message = try PeerMessage(parsing: PeerCase.message(content: content))
            for response in responses {
                let made = PeerResponse(
                    to: message, head: PeerCase.head(8), at: ClusterOrganisation.start,
                    content: response)
                let bytes = try made.canonical()
                let read = try PeerResponse(parsing: bytes)
                #expect(read == made)
                #expect(read.answers(message))
                for (other, (content, _)) in answers.enumerated() where other != place {
                    let message = try PeerMessage(parsing: PeerCase.message(content: content))
                    #expect(!read.answers(message))
                }
                for other in [
                    try PeerCase.message(to: 3, content: content),
                    try PeerCase.message(number: 2, content: content),
                    try PeerCase.message(session: 8, content: content),
                    try PeerCase.message(org: "other", content: content),
                ] {
                    #expect(!read.answers(try PeerMessage(parsing: other)))
                }
            }
        }
    }

    @Test func `an answer has a result for each halt, and entries from the next one on`() throws {
        let halts = try PeerMessage(
            parsing: PeerCase.message(content: .halts([try ClusterOrganisation().halt(1)])))
        let two = PeerResponse(
            to: halts, head: PeerCase.head(8), at: ClusterOrganisation.start,
            content: .halts([true, true]))
        #expect(!two.answers(halts))
        let question = try PeerMessage(parsing: PeerCase.message(content: .entries(after: 4)))
        let early = PeerResponse(
            to: question, head: PeerCase.head(8), at: ClusterOrganisation.start,
            content: .entries([try use().0.rows[1]]))
        #expect(!early.answers(question))
    }

    @Test func `entries of one answer follow from each other`() throws {
        var chain = try ClusterChain()
        for number in 1...3 {
            try chain.append(.end(ClusterOrganisation.request(UInt8(number))))
        }
        let question = try PeerMessage(parsing: PeerCase.message(content: .entries(after: 0)))
        func answer(_ rows: [StoredEntry]) throws -> [UInt8] {
            try PeerResponse(
                to: question, head: PeerCase.head(8), at: ClusterOrganisation.start,
                content: .entries(rows)
            ).canonical()
        }
        let rows = Array(chain.rows[1...3])
        #expect(try PeerResponse(parsing: answer(rows)).content == .entries(rows))
        var dropped = rows
        dropped[1].body = nil
        #expect(try PeerResponse(parsing: answer(dropped)).content == .entries(dropped))
        var unlinked = rows
        unlinked[2].previous = rows[0].digest
        for bad in [[rows[0], rows[2]], [rows[1], rows[0]], [rows[0], rows[0]], unlinked] {
            #expect(throws: FormError.self) { try PeerResponse(parsing: answer(bad)) }
        }
    }

    /// Each edit of a good message makes it malformed.
    @Test(arguments: [
        (#""v":1"#, #""v":2"#), (#""kind":"beat""#, #""kind":"forward""#),
        (#""number":1,"#, #""number":0,"#), (#""number":1,"#, #""number":1.5,"#),
        (#""org":"acme""#, #""org":"""#), (#""from":"gw2""#, #""from":"GW2""#),
        (#""body":{}"#, #""body":{"x":1}"#), (#""body":{}"#, #""body":[]"#),
        (#""n":6}"#, #""n":-1}"#), (#""n":6}"#, #""n":6,"x":1}"#), (#"sha256:"#, #"sha1:"#),
        (#""session":"C"#, #""session":"C="#), (#""to":"gw1""#, #""to":"gw1","to":"gw1""#),
        (#"{"body""#, #"{ "body""#), (#""v":1}"#, #""v":1,"x":1}"#),
    ])
    func `a message with another member or spelling is refused`(_ old: String, _ new: String) throws
    {
        let good = text(try PeerCase.message())
        let place = try #require(good.ranges(of: old).first, "the edit is of this message")
        var edited = good
        edited.replaceSubrange(place, with: new)
        #expect(throws: FormError.self) { try PeerMessage(parsing: Array(edited.utf8)) }
    }

    @Test func `only halts are pushed`() throws {
        let release = try ClusterOrganisation().release(2, of: [1], after: 1)
        let bytes = try PeerCase.message(content: .halts([release]))
        #expect(throws: FormError.self) { try PeerMessage(parsing: bytes) }
        let none = try PeerCase.message(content: .halts([]))
        #expect(throws: FormError.self) { try PeerMessage(parsing: none) }
        let many = try (0...PeerLimits.haltsOfMessage).map {
            try ClusterOrganisation().halt(Int64($0 + 1))
        }
        let long = try PeerCase.message(content: .halts(many))
        #expect(throws: FormError.self) { try PeerMessage(parsing: long) }
    }

    @Test func `a page of entries is bounded, and has one at least`() throws {
        var row = try use().0.rows[1]
        row.body = [UInt8](repeating: 1, count: PeerLimits.entryBytes)
        #expect([row, row].pageForPeer.count == 1)
        row.body = [1]
        let page = Array(repeating: row, count: PeerLimits.entries + 1).pageForPeer
        #expect(page.count == PeerLimits.entries)
        #expect([StoredEntry]().pageForPeer.isEmpty)
    }
}
