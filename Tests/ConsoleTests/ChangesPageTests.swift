import InterlockApprovals
import InterlockConsoleWorld
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
import InterlockSandboxes
import InterlockTesting
import Testing

@testable import InterlockAPI
@testable import InterlockAdministration
@testable import InterlockChangeReview
@testable import InterlockConsole
@testable import InterlockMarkup
@testable import InterlockWorkspace

/// The page of a run's changes: all of them are listed, texts are escaped, and what is signed is named.
@Suite(.requirement("R078")) struct `Page of the changes of a run` {
    private let office = ConsoleOffice()
    private static let run = RunID(milliseconds: 7, random: [UInt8](repeating: 7, count: 10))
    private static let digest = Digest(words: (5, 6, 7, 8))

    private func change(_ path: String, _ flags: [WorkspaceFlag] = []) throws -> WorkspaceChange {
        WorkspaceChange(
            path: try #require(WorkspacePath(Array(path.utf8))), operation: .create, before: nil,
            after: .file(size: 1234, mode: 0o644, digest: Self.digest, hasAttributes: false),
            flags: flags, lowerDigest: nil)
    }

    private func page(
        _ changes: [WorkspaceChange], _ texts: [WorkspacePath: ChangeReview.Text] = [:],
        signed: Int = 0, exclusion: WorkspaceApprovers.Exclusion? = nil,
        refusal: ApplyRefusal? = nil, paths: [WorkspacePath] = []
    ) throws -> ChangesPage {
        let voter = office.voter(0)
        let flagged = changes.filter { !$0.flags.isEmpty }
        let approval = ChangeReview.Approval(
            entries: Self.digest, count: flagged.count, flags: [.executesLater], signed: signed,
            need: 1, until: nil, isByViewer: signed > 0, exclusion: exclusion)
        let review = ChangeReview(
            run: Self.run, agent: try #require(AgentName("refunds")), base: Self.digest,
            count: changes.count, flaggedCount: flagged.count, paths: paths, selected: changes,
            texts: texts, refusal: refusal,
            approval: flagged.isEmpty || refusal != nil ? nil : approval)
        return ChangesPage(
            review: review,
            signer: OrderSigner(
                session: PersonSession(
                    person: voter.person, pseudonym: voter.pseudonym, formToken: "a-form-token"),
                roles: [], way: .page))
    }

    private func text(_ page: ChangesPage) -> String {
        let bytes = HTML.group(page.content).bytes
        #expect(Outline(bytes).faults.isEmpty)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `a hostile name and text are escaped, and each change is listed`() throws {
        let makefile = try change("Makefile", [.executesLater])
        let hostile = try change("a\u{1b}[31m<script>.txt", [.controlCharacterInName])
        let diff = FileDiff(
            "Makefile", from: nil, to: Array("all:\n\t<script>alert(1)</script>\u{202e}\n".utf8),
            office.hashing)
        let page = try page([makefile, hostile], [makefile.path: .diff(diff)])
        let text = text(page)
        #expect(!text.contains("<script>") && !text.contains("\u{1b}"))
        #expect(text.contains("U+202E") && text.contains("Runs later"))
        #expect(text.contains("\\x1b") && text.contains("is not shown"))
        #expect(text.contains("data-order=\"run\"") && text.contains(Self.digest.prefixed))
        #expect(text.contains("--approve-flag executes_later"))
    }

    @Test func `approved, excluded, refused and unflagged selections have no form`() throws {
        let makefile = try change("Makefile", [.executesLater])
        let plain = try change("notes.txt")
        for (page, words) in [
            (try page([makefile], signed: 1), "It counts for one apply"),
            (try page([makefile], exclusion: .owner), "this person owns the agent"),
            (try page([makefile], refusal: .hidden(makefile.path)), "select other entries"),
            (try page([plain]), "No selected change has a flag"),
        ] {
            let text = text(page)
            #expect(text.contains(words), "\(words)")
            #expect(!text.contains("data-order"), "\(words)")
        }
        let chosen = text(try page([makefile], paths: [makefile.path]))
        #expect(
            chosen.contains("--path &#39;Makefile&#39;") || chosen.contains("--path 'Makefile'"))
        #expect(chosen.contains("name=\"selection\""))
    }

    @Test func `more changes than a page has are not signed on it`() throws {
        let many = try (0...ChangeReviewService.mostShown).map {
            try change("src/file\($0)", [.executesLater])
        }
        let text = text(try page(many))
        #expect(text.contains("too many for a page") && !text.contains("data-order"))
    }

    @Test func `a commit of many objects leaves room for what can be applied`() throws {
        let makefile = try change("Makefile", [.executesLater])
        let objects = try (0...ChangeReviewService.mostShown).map {
            try change(".git/objects/\($0)", [.executesLater])
        }
        let text = text(try page([makefile] + objects))
        #expect(text.contains("2 more in .git") && text.contains("data-order"))
        #expect(!text.contains("too many for a page"))
    }

    @Test func `the figures of a sandbox are those of its supervisor, and unknown is said`() throws
    {
        var figures = SandboxFigures()
        figures.count(permitted: 2)
        figures.count(refusedWith: "net.no_rule", 3)
        figures.count(sent: 10, received: 2000)
        figures.written = 4096
        let agent = try #require(AgentName("refunds"))
        let status = SandboxStatus(
            run: Self.run, agent: agent,
            setup: SandboxStatus.Setup(
                isolation: .full, backend: "own", layers: ["user", "landlock"], degraded: ["cpu"]),
            figures: figures)
        let known = String(decoding: SandboxFacts(status).html.bytes, as: UTF8.self)
        for words in ["user, landlock", "cpu", "no-rule 3", "full, limits not kept", ", by "] {
            #expect(known.contains(words), "\(words)")
        }
        let unknown = SandboxStatus(
            run: Self.run, agent: agent, setup: nil, figures: SandboxFigures())
        let words = String(decoding: SandboxFacts(unknown).html.bytes, as: UTF8.self)
        #expect(words.contains("unknown") && words.contains("not measured yet"))
        let table = String(
            decoding: AgentSandboxes(running: [status, unknown]).html.bytes, as: UTF8.self)
        #expect(table.contains("running"))
    }
}
