import InterlockAdministration
import InterlockConsoleWorld
import InterlockEvidence
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization
import Testing

@testable import InterlockAPI
@testable import InterlockConsole

/// The timeline of a run, and calls that open in place.
struct RunTimelineTests {
    private let shelf = EvidenceShelf()
    private var browser: Browser { Browser(sources: shelf.sources) }
    private let path = "/runs/\(EvidenceShelf.run.text)"

    private static func payload(_ field: String, _ text: String) -> [DisplayedPayload] {
        [DisplayedPayload(field: field, answer: .opened(Array(text.utf8)))]
    }

    private static func steps(_ proof: RecordProof? = EvidenceShelf.proof()) throws -> [RunStep] {
        try [
            EvidenceShelf.step(70, .runStart, proof: proof),
            EvidenceShelf.step(71, .sessionOpened, ["proto": "x", "sess": "s"], proof: proof),
            EvidenceShelf.step(
                72, .runInput, ["src": "user"], payload("text", "Refund A-1009"), proof: proof),
            EvidenceShelf.step(
                73, .callIntent,
                [
                    "call": "c1", "dec": "approve", "need": 2, "tool": "pay__send", "rule": "high",
                    "at": "org.yaml:3:1", "ctx": "given",
                ], payload("args", #"{"amount":"TOPSECRET"}"#), proof: proof),
            EvidenceShelf.step(74, .approvalRequested, ["call": "c1", "appr": "a1"], proof: proof),
            EvidenceShelf.step(
                75, .approvalGranted, ["appr": "a1", "i": 1, "need": 2], proof: proof),
            EvidenceShelf.step(76, .listServed, ["cnt": 1, "tools": 2, "list": "x"], proof: proof),
            EvidenceShelf.step(77, .approvalUsed, ["use": "c1", "appr": "a1"], proof: proof),
            EvidenceShelf.step(
                78, .callOutcome, ["call": "c1", "st": "ok"], payload("res", #"{"paid":true}"#),
                proof: proof),
            EvidenceShelf.step(
                79, .callDenied, ["call": "c2", "code": "policy.no_grant", "tool": "crm__get"],
                proof: proof),
        ]
    }

    @Test func `the records of a call are one entry, and technical ones fold`() throws {
        let steps = RunSteps(steps: try Self.steps(), faults: [], next: nil)
        let shape = RunTimeline(steps, steps.spans).entries.map { entry in
            switch entry {
            case .call(let span, let own): "\(span.call) \(own.map(\.index))"
            case .step(let step): "\(step.index)"
            case .technical(let own): "technical \(own.map(\.index))"
            }
        }
        #expect(
            shape == [
                "70", "technical [71]", "72", "c1 [73, 74, 75, 77, 78]", "technical [76]",
                "c2 [79]",
            ])
    }

    @Test func `a call that waits for people has its phase, and one that ended has none`() throws {
        let steps = try Self.steps()
        let waiting = RunSteps(steps: Array(steps.prefix(5)), faults: [], next: nil).spans
        #expect(waiting.map(\.current) == [.people])
        let ended = RunSteps(steps: steps, faults: [], next: nil).spans
        #expect(ended.allSatisfy { $0.current == nil } && ended.count == 2)
    }

    @Test func `an opened call has arguments, decision, approvals, result and proof`() async throws
    {
        let steps = try Self.steps()
        shelf.state.withLock { $0.steps = steps }
        let page = await browser.get(path)
        #expect(Outline(page.response.body).faults == [])
        for words in [
            "TOPSECRET", "Approval needed", "org.yaml:3:1", "Approved", "1 of 2", "paid",
            "records 73-78: Proved and cosigned", "/audit/75", "Refund A-1009",
            "Handed over: see the prompts", "No grant of the agent covers this tool.",
            "1 technical record", "run-\(EvidenceShelf.run.text).tar",
        ] {
            #expect(page.text.contains(words), "\(words)")
        }
        let names = page.text.matches(of: /<div id="([a-z0-9-]+)" popover/).map { $0.output.1 }
        #expect(Set(names).count == names.count)
        // A record that is as well proved as its call has no popover of its own.
        #expect(
            page.text.contains(
                "popovertarget=\"proof-call-73\" aria-label=\"Record 75: Proved and cosigned\""))
        #expect(names.contains("proof-call-73") && !names.contains("proof-75"))
        #expect(names.contains("proof-70"))
    }

    @Test func `whoever may not read sees the call without payloads, records and files`()
        async throws
    {
        let steps = try Self.steps()
        shelf.state.withLock { state in
            state.steps = steps
            state.reads = false
        }
        let page = await browser.get(path).text
        #expect(page.contains("Approval needed"))
        #expect(page.contains("pay__send"))
        for words in [
            "TOPSECRET", "paid", "Refund A-1009", "/audit/7", "/bundle", "interlock-verify",
        ] {
            #expect(!page.contains(words), "\(words)")
        }
    }

    @Test func `a call with a record that was not proved is not checked`() async throws {
        let steps = try Self.steps(nil)
        shelf.state.withLock { $0.steps = steps }
        let page = await browser.get(path).text
        #expect(page.contains("records 73-78: Not checked"))
        #expect(!page.contains("proof good"))
    }
}
