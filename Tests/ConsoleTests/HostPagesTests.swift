import InterlockConsoleWorld
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockSchemas
import Synchronization
import Testing

@testable import InterlockAPI
@testable import InterlockConsole
@testable import InterlockEvidence

/// Sessions of coding agents and checks before merges, on pages and in the API.
struct HostPagesTests {
    private let shelf = EvidenceShelf()
    private let hosts = HostsStub()
    private var browser: Browser {
        var sources = shelf.sources
        sources.hosts = hosts
        return Browser(sources: sources)
    }

    @Test func `a list says of each session its program, its hooks and what was noticed`()
        async throws
    {
        let page = await browser.get("/hosts?agent=refunds").text
        for words in [
            "Claude Code", "2.1.327", "silent", "Hook silent", "Hook new kind", "1 silent",
            "Call ended without a record of its begin", "Older", "before=40",
        ] {
            #expect(page.contains(words), "\(words)")
        }
        let answer = try #require(await browser.call("/host-sessions?agent=refunds").json)
        try HostSessionListing.form.shape.check(answer)
        let session = try #require(answer["sessions"]?.array?.first)
        #expect(session["health"]?.string == "silent" && session["host"]?.string == "claude-code")
        #expect(
            hosts.asked.withLock { $0 } == [
                HostQuery(agent: "refunds"), HostQuery(agent: "refunds"),
            ])
        for query in ["run=x", "before=x", "more=x"] {
            #expect(await browser.get("/hosts?" + query).status == 400)
            #expect(await browser.call("/host-sessions?" + query).status == 400)
        }
        let last = await browser.get("/hosts?before=40").text
        #expect(last.contains("No session of a coding agent"))
    }

    @Test func `an empty list says nothing to a person who sees no agent`() async {
        var sources = ConsoleSources.with()
        sources.hosts = hosts
        let hosts = await Browser(sources: sources).get("/hosts?before=40").text
        #expect(hosts.contains("No access to sessions") && hosts.contains("are visible to owners"))
        #expect(!hosts.contains("No session of a coding agent"))
    }

    @Test func `nothing is shown without a session, a log, or a record of the look`() async {
        #expect(await Browser(person: nil, sources: shelf.sources).get("/hosts").status == 401)
        #expect(await Browser().get("/hosts").status == 404)
        #expect(await Browser().call("/host-sessions").problem == "not_read")
        hosts.refusal.withLock { $0 = .notRecorded("audit.full") }
        let page = await browser.get("/hosts")
        #expect(page.status == 503 && !page.text.contains("Claude Code"))
    }

    @Test func `a run shows its sessions only if its records have one`() async throws {
        let path = "/runs/\(EvidenceShelf.run.text)"
        #expect(!(await browser.get(path).text.contains("Coding-agent sessions")))
        #expect(hosts.asked.withLock { $0 }.isEmpty)
        let step = try EvidenceShelf.step(
            2, .hookSession, ["host": "claude-code", "ev": "session_start", "ses": "5b1c-7"])
        shelf.state.withLock { $0.steps = [step] }
        let page = await browser.get(path).text
        for words in ["Coding-agent sessions", "5b1c-7", "Explore", "shell", "Subagent ended"] {
            #expect(page.contains(words), "\(words)")
        }
        #expect(hosts.asked.withLock { $0 } == [HostQuery(run: EvidenceShelf.run)])
    }

    @Test func `a check has its answer, its findings and its proof`() async throws {
        let record = try EvidenceShelf.record(
            13, .mergeChecked,
            [
                "verdict": "refused", "head": "4f1c00000000", "since": "a91e00000000", "cnt": 3,
                "files": 4, "agents": 2, "gate": 1, "approvals": 0, "codes": ["unmarked"],
                "by": "QLXTbNQ1YTnI03wFjLK7rw==",
            ])
        let finding =
            #"[{"code":"unmarked","effect":"refused","at":"4f1c","message":"<b>no mark"}]"#
        shelf.state.withLock { state in
            state.rows = [.proved(record)]
            state.payloads = [
                DisplayedPayload(field: "findings", answer: .opened(Array(finding.utf8)))
            ]
        }
        let list = await browser.get("/merges").text
        for words in ["4f1c0000", "refused", "unmarked", "/merges/13", "Record 13: Proved"] {
            #expect(list.contains(words), "\(words)")
        }
        #expect(shelf.state.withLock { $0.asked.last?.type } == "merge.checked")
        let page = await browser.get("/merges/13").text
        for words in ["&lt;b&gt;no mark", "a91e00000000..4f1c00000000", "3, 2 by agents"] {
            #expect(page.contains(words), "\(words)")
        }
        let listed = try #require(await browser.call("/merge-checks").json)
        try MergeCheckListing.form.shape.check(listed)
        let checked = try #require(await browser.call("/merge-checks/13").json)
        try MergeCheck.form.shape.check(checked)
        #expect(checked["findings"]?.array?.first?["code"]?.string == "unmarked")
        for path in ["/merges/14", "/merges/x", "/merges/13/x"] {
            #expect(await browser.get(path).status == 404)
        }
        #expect(await browser.get("/merges?before=x").status == 400)
        // A record of another type is no check.
        let other = try EvidenceShelf.record(12, .callDenied)
        shelf.state.withLock { $0.rows = [.proved(other)] }
        #expect(await browser.get("/merges/12").status == 404)
        #expect(await browser.call("/merge-checks/12").problem == "no_such_record")
    }
}
