import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyReview

/// Changes that reach no grant of today (docs/specs/policy.md, section 8.3).
@Suite(.requirement("R035")) struct `Latent changes` {
    private func policy(
        effects: String = "[]", production: String = "{supervised: approve 2, trusted: approve 2}",
        classes: String = "[read, write]", owner: String = "\n    owner: li@acme.example",
        scope: String = "[look]", more: String = ""
    ) throws -> PolicySnapshot {
        try compiled(
            """
            interlock: 1
            org: acme
            kill_switch: org-wide, tested monthly
            approvals: {leads: {members: [ada@acme.example, bo@acme.example]}}
            controls: {production: \(production)}
            tiers: {medium: {classes: \(classes)}}
            effects: \(effects)
            servers:
              desk:
                tools:
                  look: {class: read}
                  mail: {class: write, effects: [reversible]}
                  wipe: {class: destructive, effects: [reversible]}
            agents:
              helper:\(owner)
                purpose: Helps
                tier: medium
                stage: trusted
                review_by: "2027-02-01"
                approvers: leads
                mcp_scopes: {desk: \(scope)}\(more)

            """)
    }

    private func check(
        _ found: [String], _ expected: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) { #expect(found == expected, sourceLocation: sourceLocation) }

    @Test func `an effect rule that only elevations meet`() throws {
        let rule = #"[{id: bulk, tools: [desk.mail], add: production, when: "args.n > 10"}]"#
        check(
            lines(try policy(effects: rule), try policy()),
            [
                #"WIDENS desk.mail allow: {"n":"x"} was approve 2 latent, for a future grant to helper"#
            ])
        check(
            lines(try policy(), try policy(effects: rule)),
            [
                #"NARROWS desk.mail approve 2: {"n":"x"} was allow latent, for a future grant to helper"#
            ])
    }

    @Test func `a row of the controls that no tool has`() throws {
        let changed = try policy(production: "{supervised: deny, trusted: approve}")
        check(
            lines(try policy(), changed),
            [
                "NARROWS controls.production.supervised: deny was approve 2 latent",
                "WIDENS controls.production.trusted: approve was approve 2 latent",
            ])
    }

    @Test func `a class of a tier`() throws {
        let changed = try policy(classes: "[read, write, destructive]")
        check(
            lines(try policy(), changed),
            [
                #"WIDENS desk.wipe allow: {} was deny no-grant latent, for a future grant to helper"#
            ])
    }

    @Test func `a rule for a tier without agents`() throws {
        let rule =
            "[{id: grave, tools: [desk.mail], add: production, tiers: [high], when: \"args.n > 1\"}]"
        check(
            lines(try policy(effects: rule), try policy()),
            [
                "WIDENS effects.grave: absent was production of desk.mail at tier high when args.n > 1 latent"
            ])
    }

    @Test func `a rewrite is silent for future grants too`() throws {
        let one =
            #"[{id: bulk, tools: [desk.mail], add: production, when: "args.n > 10 || args.n < 0"}]"#
        let two =
            #"[{id: many, tools: ["desk.*"], classes: [write], add: production, when: "!(args.n <= 10 && 0 <= args.n)"}]"#
        check(
            lines(try policy(effects: one), try policy(effects: two)), [])
    }

    @Test func `an agent that is held is compared as if it were complete`() throws {
        let before = try policy(owner: "")
        let after = try policy(owner: "", scope: "[look, mail]")
        check(
            lines(before, after, agent: "helper"),
            [
                #"WIDENS helper desk.mail allow: {} was deny no-grant once the agent is complete"#
            ])
    }

    @Test func `untyped numbers are compared over doubles`() throws {
        let before = try policy(scope: #"[{tool: look, when: "args.n > 0"}]"#)
        let after = try policy(scope: #"[{tool: look, when: "args.n >= 1"}]"#)
        check(
            lines(before, after),
            [
                #"NARROWS helper desk.look deny guard-false: {"n":0.5} was allow"#
            ])
    }

    @Test func `untyped numbers that a limit sums up are whole`() throws {
        let limits = "\n    limits: {spend: {field: args.n, tool: look, max: 500/d}}"
        let before = try policy(scope: #"[{tool: look, when: "args.n <= 50"}]"#, more: limits)
        let same = try policy(scope: #"[{tool: look, when: "args.n < 51"}]"#, more: limits)
        let wider = try policy(scope: #"[{tool: look, when: "args.n < 52"}]"#, more: limits)
        check(
            lines(before, same), [])
        check(
            lines(before, wider),
            [
                #"WIDENS helper desk.look allow: {"n":51} was deny guard-false"#
            ])
    }
}
