import InterlockConsoleWorld
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockSchemas
import Testing

@testable import InterlockAPI
@testable import InterlockAdministration
@testable import InterlockConsole
@testable import InterlockEvidence
@testable import InterlockMarkup
@testable import InterlockPolicyReview

/// The parts of the page of a revision: changes by agent, texts line by line, worst cases, and what it would have
/// changed.
struct RevisionPageTests {
    private func outline(_ html: HTML) -> Outline {
        let outline = Outline(html.bytes)
        #expect(outline.faults.isEmpty)
        return outline
    }

    private func change(
        _ direction: PolicyChange.Direction, _ agent: String?, _ subject: String
    ) -> PolicyChange {
        PolicyChange(
            direction: direction, agent: agent, subject: subject, new: "allow", old: "deny",
            witness: .object(["amount_cents": 50_000]),
            amounts: ["amount_cents: 500.00 EUR (50000)"])
    }

    @Test func `names in the worst cases break at their points`() throws {
        let line = WorstCaseChange.Line(
            subject: "billing.refund_request", before: "denied", after: "allowed")
        let worst = WorstCaseComparison(
            changes: [
                WorstCaseChange(agent: try #require(AgentName("refunds")), lines: [line])
            ], unread: 0)
        let html = HTML.group(WorstCaseChanges(worst: worst).content)
        #expect(String(decoding: html.bytes, as: UTF8.self).contains("billing.<wbr>refund_"))
    }

    @Test func `changes are grouped by agent, the most severe first, with amounts and raw values`()
    {
        let changes = RevisionChanges(
            [
                change(.widens, "refunds", "billing.refund"), change(.widens, nil, "owners"),
                change(.notComparable, "refunds", "billing.pay"),
                change(.narrows, "triage", "kb.get"),
            ], page: 1)
        let text = outline(.group(changes.content)).text
        #expect(text.contains("4 changes, 3 allow more"))
        let order = [
            "Agent refunds", "billing.refund", "billing.pay", "Organisation", "owners",
            "Agent triage",
        ]
        let places = order.map { text.firstRange(of: $0)?.lowerBound }
        #expect(
            places.allSatisfy { $0 != nil }
                && places.compactMap { $0 } == places.compactMap { $0 }.sorted())
        #expect(text.contains("500.00 EUR (50000)") && text.contains("50000"))
        for word in [
            "Before", "After", "Allows more", "Allows less", "Not comparable, counts as more",
        ] {
            #expect(text.contains(word))
        }
    }

    @Test func `a decision is in words with its code, and a digest is whole`() {
        let digest = PolicyChange(
            direction: .notComparable, agent: nil, subject: "pin of billing.refund",
            new: PolicyShelf.digest.prefixed, old: "absent")
        let denied = PolicyChange(
            direction: .narrows, agent: "refunds", subject: "billing.refund",
            new: "deny guard-false", old: "approve 2", witness: .object([:]))
        let page = outline(.group(RevisionChanges([digest, denied], page: 1).content))
        #expect(page.text.contains("2 approvals approve 2"))
        #expect(
            page.text.contains(
                "denied: A grant covers this tool, but not with these arguments. deny guard-false"))
        #expect(page.text.contains(PolicyShelf.digest.prefixed))
        #expect(page.tags.contains { $0.hasPrefix("code class") })
        #expect(DecisionSentence("deny no-such-reason") == nil)
        #expect(DecisionSentence("allow 2") == nil)
    }

    @Test func `every line of a file is there, with its sign and what is hidden in it`() {
        let diff = RevisionFileDiff(
            files: [
                FileDiff(
                    path: "agents/refunds.yaml", change: .changed, digest: PolicyShelf.digest,
                    added: 1,
                    removed: 1,
                    hunks: [
                        FileDiff.Hunk(
                            oldStart: 7, newStart: 7,
                            lines: [
                                FileDiff.Line(kind: .same, text: "  a: 1", isUnended: false),
                                FileDiff.Line(kind: .removed, text: "  max: 500", isUnended: false),
                                FileDiff.Line(
                                    kind: .added, text: "  max: 5\u{202e}00 ", isUnended: true),
                            ])
                    ])
            ])
        let text = outline(.group(FileDiffView(diff: diff).content)).text
        #expect(
            text.contains("agents/refunds.yaml +1 -1") && text.contains(PolicyShelf.digest.prefixed)
        )
        #expect(text.contains("8 - ") && text.contains("8 + "))
        #expect(
            text.contains("  max: 500") && text.contains("U+202E") && !text.contains("\u{202e}"))
        #expect(text.contains("no line break at the end"))
        #expect(
            outline(.group(FileDiffView(diff: RevisionFileDiff(files: [], isWhole: false)).content))
                .text
                .contains("cannot be signed here"))
    }

    private func view(
        calls: Int, unknown: [SimulationView.Unknown: Int] = [:],
        _ changes: [PolicySimulation.Change] = [], isWhole: Bool = true
    ) -> SimulationView {
        SimulationView(
            since: ConsoleOffice.start, until: ConsoleOffice.start, isCut: !isWhole,
            isWhole: isWhole, decided: calls, unknown: unknown, approvals: (3, 2),
            changes: changes,
            coverage: RuleCoverage(rows: [
                RuleCoverage.Row(name: "cap", kind: "forbid", calls: calls),
                RuleCoverage.Row(name: "never-find", kind: "forbid", calls: 0),
            ]),
            recorded: RuleCoverage(rows: [
                RuleCoverage.Row(name: "controls.read", kind: "control", calls: calls)
            ]))
    }

    private func card(_ state: SimulationCard.State) -> Outline {
        outline(SimulationCard(state: state).html)
    }

    @Test func `the simulation says that it calculates, why it failed, and what it found`() throws {
        let calculating = card(.known(.calculating))
        #expect(calculating.text.contains("Calculating"))
        #expect(calculating.tags.contains { $0.contains("data-calculating") })
        let failed = card(.known(.failed(.unreadable("disk"), 7)))
        #expect(failed.text.contains("Try again") && failed.text.contains("disk"))
        #expect(failed.values.contains("/policy/proposed?again=7"))
        #expect(!failed.tags.contains { $0.contains("data-calculating") })
        #expect(card(.refused("Requires role security")).text.contains("Requires role security"))
        #expect(card(.known(.done(view(calls: 0)))).text.contains("No calls in this time"))
        let part = card(.known(.done(view(calls: 0, unknown: [.erased: 1], isWhole: false)))).text
        #expect(part.contains("0 calls decided again: 0 easier, 0 stricter"))
        #expect(part.contains("1 call: its input was erased"))
        #expect(part.contains("Only the newest calls"))
        #expect(part.contains("whose records you may read"))
    }

    @Test func `what it found names its calls with links, and rules that no call reached`() throws {
        let change = PolicySimulation.Change(
            agent: try #require(AgentName("refunds")),
            tool: try #require(ToolAddress(dotted: "billing.refund")), before: .approve(2),
            after: .allow, obligations: nil, direction: .easier, count: 2,
            examples: [
                PolicySimulation.Change.Example(
                    call: "c1", index: 42, at: ConsoleOffice.start, arguments: .null, rule: "cap")
            ])
        let view = view(calls: 5, [change])
        let found = card(.known(.done(view)))
        for words in [
            "5 calls decided again: 2 easier, 0 stricter", "2 approvals", "allowed", "Record 42",
            "3 before, 2 after", "never-find", "Never reached",
        ] {
            #expect(found.text.contains(words), "\(words)")
        }
        #expect(found.values.contains("/audit/42"))
        for status: SimulationStatus in [
            .done(view), .calculating, .failed(.unreadable("disk"), 7),
        ] {
            try SimulationStatus.form.shape.check(SimulationStatus.form.json(status))
        }
    }
}
