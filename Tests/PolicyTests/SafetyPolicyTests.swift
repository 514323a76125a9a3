import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockSafety
import InterlockTesting
import InterlockYAML
import Testing

@testable import InterlockPolicy

/// `safety` of a policy, `accepts` and `returns` of a tool's entry, and what is decided by them
/// (docs/specs/output-safety.md, sections 4 and 8).
@Suite(.requirement("R082")) struct SafetyPolicyTests {
    private static func text(_ safety: String, _ tool: String = "") -> String {
        """
        interlock: 1
        org: acme
        kill_switch: org-wide, tested monthly
        approvals:
          leads: {members: [ada@acme.example, sam@acme.example, rui@acme.example]}
        servers:
          desk:
            environment: staging
            tools:
              look: {class: read}
              pay: {class: write, effects: [reversible]\(tool)}
        agents:
          worker:
            owner: li@acme.example
            purpose: Works
            tier: medium
            stage: trusted
            review_by: "2027-02-01"
            approvers: leads
            mcp_scopes: {desk: [look, pay], host: [read]}
        \(safety)
        """
    }

    private static let waiver = """
        safety:
          waivers:
            - {tool: desk.pay, argument: new.key, class: token, owner: li@acme.example, \
        until: "2027-01-31", reason: the vault stores it}
        """

    private func findings(_ safety: String, _ tool: String = "") -> [String] {
        PolicyReader.read(policyFiles(Self.text(safety, tool))).findings.reported.map(\.text)
    }

    private func decide(
        _ policy: PolicySnapshot, _ call: String, _ classes: SecretClassSet
    ) throws -> Decision {
        try policy.decision("worker", call) { $0.classes = classes }
    }

    @Test func `a number in the arguments denies a call of a server, and none of a host`() throws {
        let policy = try snapshot(Self.text(""))
        for secretClass in [SecretClass.card, .iban, .nationalID] {
            let denied = try decide(policy, "desk.pay", SecretClassSet(secretClass))
            #expect(denied.verdict == .deny && denied.reason == .piiInArguments)
            #expect(denied.rule == "pii-in-arguments" && denied.quorum == 0)
            #expect(denied.detail == secretClass.rawValue)
            #expect(denied.reason.part == "safety")
            let own = try decide(policy, "host.read", SecretClassSet(secretClass))
            #expect(own.verdict == .allow)
        }
        for secretClass in [SecretClass.personal, .generic] {
            let marked = try decide(policy, "desk.pay", SecretClassSet(secretClass))
            #expect(marked.verdict == .allow)
        }
        // A call that nothing grants, and one with a secret, keep their reasons.
        #expect(try decide(policy, "desk.none", .numbers).reason == .unlistedTool)
        let secret = try policy.decision("worker", "desk.pay") {
            $0.arguments = .secret
            $0.classes = .numbers
        }
        #expect(secret.reason == .secretInArguments)
    }

    @Test func `a policy raises classes, also for a host's own tools`() throws {
        let policy = try snapshot(
            Self.text(
                """
                safety:
                  classes:
                    card: {arguments: deny}
                    generic: {arguments: deny, results: replace}
                    personal: {arguments: mark, results: replace}
                """))
        #expect(try decide(policy, "host.read", [SecretClassSet(.card)]).reason == .piiInArguments)
        #expect(try decide(policy, "host.read", [SecretClassSet(.iban)]).verdict == .allow)
        let generic = try decide(policy, "desk.look", [SecretClassSet(.generic)])
        #expect(generic.reason == .secretInArguments)
        #expect(generic.place?.description.hasPrefix("policy.yaml:") == true)
        #expect(try decide(policy, "desk.look", [SecretClassSet(.personal)]).verdict == .allow)
        let host = policy.replacedClasses(isOfHost: true)
        #expect(host == SecretClassSet(of: [.generic, .personal]))
        #expect(policy.replacedClasses(isOfHost: false) == .decided)
        let plain = try snapshot(Self.text(""))
        #expect(plain.replacedClasses(isOfHost: true).isEmpty)
        #expect(plain.replacedClasses(isOfHost: false) == .numbers)
    }

    @Test func `a tool accepts a class at its arguments and below them alone`() throws {
        let policy = try snapshot(
            Self.text("", ", accepts: {iban: [to, lines.account]}, returns: {iban: [content]}"))
        let (pay, look) = (try address("desk.pay"), try address("desk.look"))
        func isLowered(_ secretClass: SecretClass, _ names: [String]?, _ tool: ToolAddress) -> Bool
        {
            policy.isLowered(secretClass, at: names, of: tool, on: exampleTime)
        }
        #expect(isLowered(.iban, ["to"], pay) && isLowered(.iban, ["to", "deep"], pay))
        #expect(isLowered(.iban, ["lines", "account"], pay))
        for names in [["lines"], ["too"], ["from"], []] as [[String]] {
            #expect(!isLowered(.iban, names, pay), "\(names)")
        }
        #expect(!isLowered(.iban, nil, pay) && !isLowered(.card, ["to"], pay))
        #expect(!isLowered(.iban, ["to"], look))
        #expect(policy.mayLower(.iban, of: pay) && !policy.mayLower(.card, of: pay))
        #expect(policy.admittedNumbers(of: pay) == SecretClassSet(.iban))
        #expect(policy.admittedNumbers(of: look).isEmpty)
    }

    @Test func `a waiver lowers one class at one argument until its day has ended`() throws {
        let policy = try snapshot(Self.text(Self.waiver))
        let (pay, look) = (try address("desk.pay"), try address("desk.look"))
        #expect(policy.isLowered(.token, at: ["new", "key"], of: pay, on: exampleTime))
        #expect(!policy.isLowered(.token, at: ["new"], of: pay, on: exampleTime))
        #expect(!policy.isLowered(.privateKey, at: ["new", "key"], of: pay, on: exampleTime))
        #expect(!policy.isLowered(.token, at: ["new", "key"], of: look, on: exampleTime))
        let last = time("2027-01-31T23:59:59Z")
        #expect(policy.isLowered(.token, at: ["new", "key"], of: pay, on: last))
        let after = time("2027-02-01T00:00:00Z")
        #expect(!policy.isLowered(.token, at: ["new", "key"], of: pay, on: after))
        // More than 365 days ahead.
        let early = time("2026-01-30T00:00:00Z")
        #expect(!policy.isLowered(.token, at: ["new", "key"], of: pay, on: early))
        #expect(policy.mayLower(.token, of: pay) && !policy.mayLower(.canary, of: pay))
    }

    @Test(arguments: [
        ("safety: {classes: {card: {arguments: mark}}}", "E224"),
        ("safety: {classes: {token: {results: mark}}}", "E224"),
        ("safety: {classes: {canary: {arguments: deny}}}", "E201"),
        ("safety: {classes: {card: {arguments: replace}}}", "E203"),
        ("safety: {classes: {cards: {arguments: deny}}}", "E201"),
        ("safety: {waiver: []}", "E201"), ("safety: []", "E202"),
    ]) func `a mistake is named`(_ safety: String, _ code: String) {
        #expect(findings(safety).contains { $0.contains(code) }, "\(findings(safety))")
    }

    @Test(arguments: [
        ("class: token", "class: canary", "E224"), ("class: token", "class: brokered", "E224"),
        ("class: token", "class: secret", "E203"), ("new.key", "/new/key", "E224"),
        ("the vault stores it", "because", "E224"), ("desk.pay", "desk.none", "E210"),
        ("desk.pay", "shop.pay", "E211"), ("desk.pay", "pay", "E214"),
        ("\"2027-01-31\"", "soon", "E203"), ("li@acme.example, until", "li, until", "E203"),
    ]) func `a mistake in a waiver is named`(_ old: String, _ new: String, _ code: String) {
        let found = findings(Self.waiver.replacing(old, with: new))
        #expect(found.contains { $0.contains(code) }, "\(found)")
        #expect(findings(Self.waiver).isEmpty)
    }

    @Test(arguments: [
        (", accepts: {}", "E222"), (", accepts: {card: []}", "E222"),
        (", accepts: {card: [a, a]}", "E222"), (", accepts: {card: [/a]}", "E222"),
        (", accepts: {token: [a]}", "E201"), (", accepts: [card]", "E202"),
        (", returns: {personal: [a]}", "E201"),
    ]) func `a mistake in a tool's entry is named`(_ tool: String, _ code: String) {
        #expect(findings("", tool).contains { $0.contains(code) }, "\(findings("", tool))")
    }

    @Test func `a person who is not of the policy owns no waiver`() {
        let found = findings("people: [ada@acme.example]\n" + Self.waiver)
        #expect(found.contains { $0.contains("E211") && $0.contains("safety.waivers") }, "\(found)")
    }

    @Test func `the digest changes with it, and stays without it`() throws {
        let without = try snapshot(Self.text("")).digest
        #expect(try snapshot(Self.text("")).digest == without)
        #expect(try snapshot(Self.text(Self.waiver)).digest != without)
        #expect(try snapshot(Self.text("", ", accepts: {card: [n]}")).digest != without)
    }
}
