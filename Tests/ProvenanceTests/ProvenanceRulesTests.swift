import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockProvenance

/// The findings of a check in commits, compared with what the log has.
@Suite(.requirement("R140"), .requirement("R141")) struct `Provenance of commits` {
    private let commit = GitObjectID(String(repeating: "4", count: 40)).unwrapped
    private let run = RunID("01kag0q9v4x2m7c8d3e5f6g7h8").unwrapped
    private let otherRun = RunID("01kag0q9v4x2m7c8d3e5f6g7h9").unwrapped
    private let agent = AgentName("code-fix").unwrapped
    private let record = Digest(words: (9, 9, 9, 9))

    private func digest(_ number: UInt64) -> Digest { Digest(words: (number, 1, 2, 3)) }

    private func file(_ path: String, _ content: UInt64?, size: Int64 = 5) -> ChangedFile {
        ChangedFile(
            path: ChangedPath(Array(path.utf8)).unwrapped, digest: content.map(digest),
            size: size, added: 3, removed: 1)
    }

    /// A log in which the run wrote the contents 1 and 2.
    private func contents(unread: [RunID] = []) -> WrittenContents {
        WrittenContents(
            runs: [run: .init(agent: agent, host: nil, record: record)],
            writers: [digest(1): [run], digest(2): [run]],
            unread: unread.map { .init(run: $0, reason: "erased") })
    }

    private func codes(_ message: String, _ files: [ChangedFile]) -> [GateFinding.Code] {
        ProvenanceRules(contents()).findings(
            of: CommitChange(commit: commit, message: Array(message.utf8), files: files)
        ).map(\.code)
    }

    private func message(
        _ files: [ChangedFile], agent: String? = nil, run: RunID? = nil, record: Digest? = nil
    ) -> String {
        let group = AgentTrailers(
            agent: agent.flatMap { AgentName($0) } ?? self.agent, host: nil,
            run: run ?? self.run, extent: ChangeExtent(files).unwrapped,
            record: record ?? self.record)
        return "Fix\n\n" + group.lines.joined(separator: "\n") + "\n"
    }

    @Test func `an agent's content without trailers is refused at its file`() {
        let findings = ProvenanceRules(contents()).findings(
            of: CommitChange(
                commit: commit, message: Array("Fix".utf8), files: [file("a", 1), file("b", 7)]))
        #expect(findings.map(\.code) == [.unmarked])
        #expect(findings.first?.location.path == file("a", 1).path)
        #expect(findings.first?.effect == .refusal)
    }

    @Test func `a true extent passes, also with a file that a person edited afterwards`() {
        let files = [file("a", 1), file("b", 7), file("c", nil)]
        #expect(codes(message([files[0]]), files) == [])
        #expect(codes(message([files[0], files[1]]), files) == [])
        #expect(codes("Fix", [file("b", 7), file("gone", nil)]) == [])
    }

    @Test func `an empty file is of anyone`() {
        #expect(codes("Fix", [file("a", 1, size: 0)]) == [])
    }

    @Test func `an extent that does not match is refused`() {
        let files = [file("a", 1), file("b", 2)]
        #expect(codes(message([files[0]]), files) == [.otherExtent])
        #expect(codes(message([file("a", 1), file("x", 1)]), files).contains(.otherExtent))
        let more = message(files).replacing("lines=+6/-2", with: "lines=+7/-2")
        #expect(codes(more, files) == [.otherExtent])
    }

    @Test func `a run, an agent or a record that the log does not have is refused`() {
        let files = [file("a", 1)]
        #expect(codes(message(files, run: otherRun), files) == [.unknownRun])
        #expect(codes(message(files, agent: "other"), files) == [.unknownRun])
        #expect(codes(message(files, record: digest(5)), files) == [.otherRecord])
        #expect(codes("Fix\n\nAgent-Run: x\n", files) == [.malformedTrailers])
    }

    @Test func `a shortened list states at least what the log has`() {
        let files = (0..<150).map { file("d/\($0)", 1) }
        #expect(codes(message(files), files) == [])
        let less = message(files).replacing("files=150", with: "files=120")
            .replacing("50 more", with: "20 more")
        #expect(codes(less, files) == [.otherExtent])
    }

    @Test func `a run that cannot be read is unknown, unless a person names it`() {
        let rules = ProvenanceRules(contents(unread: [otherRun]))
        #expect(rules.ofLog.map(\.effect) == [.unknown])
        #expect(GateResult(rules.ofLog) == .unknown)
        let named = ProvenanceRules(contents(unread: [otherRun]), without: [otherRun])
        #expect(named.ofLog.map(\.effect) == [.warning])
        #expect(GateResult(named.ofLog) == .pass)
    }

    @Test func `what is marked passes the check`() throws {
        var random = SeededGenerator.announced()
        for _ in 0..<200 {
            let count = Int.random(in: 1...8, using: &random)
            let files = (0..<count).map { number in
                file("f\(number)", UInt64.random(in: 1...5, using: &random))
            }
            let first = CommitChange(commit: commit, message: Array("Fix".utf8), files: files)
            let trailers = try first.trailers(by: contents())
            let text = try CommitMessage(first.message).replacingTrailers(with: trailers)
            let marked = CommitChange(commit: commit, message: text, files: files)
            #expect(ProvenanceRules(contents()).findings(of: marked) == [])
            // A second time changes nothing, and an edit keeps the mark.
            #expect(try marked.trailers(by: contents()) == trailers)
            guard !trailers.isEmpty else { continue }
            let edited = CommitChange(
                commit: commit, message: text,
                files: files.map { file(String(decoding: $0.path.bytes, as: UTF8.self), 77) })
            #expect(try edited.trailers(by: contents()).map(\.run) == [run])
        }
    }
}
