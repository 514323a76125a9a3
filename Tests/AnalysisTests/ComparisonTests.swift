import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyReview

@Suite struct `Comparing revisions` {
    @Test func `a policy equals itself`() throws {
        #expect(lines(try acme(), try acme()) == [])
    }

    @Test(.requirement("R035")) func `one cent more is wider, and the witness is that cent`() throws
    {
        let changed = try acme(("args.amount_cents <= 50000", "args.amount_cents <= 50001"))
        let cent = #"{"amount_cents":50001,"currency":"EUR"}"#
        #expect(
            lines(try acme(), changed) == [
                "WIDENS refunds billing.refund_request approve 2: \(cent) was deny guard-false"
            ])
        #expect(
            lines(changed, try acme()) == [
                "NARROWS refunds billing.refund_request deny guard-false: \(cent) was approve 2"
            ])
    }

    @Test func `production by name in place of all that is not known is wider`() throws {
        let changed = try acme(
            (
                "!has(args.environment) || !(args.environment in ['dev', 'staging'])",
                "args.environment == 'production'"
            ))
        let found = lines(try acme(), changed)
        #expect(
            found == [
                #"WIDENS code-fix deploy.rollback approve: {"environment":"prod","service":"checkout"} was approve 2"#
            ])
    }

    @Test func `what changes only below the file's stage is not silent`() throws {
        let changed = try acme(
            (
                "reversible:      {supervised: approve,   trusted: allow}",
                "reversible:      {supervised: allow, trusted: allow}"
            ))
        let found = lines(try acme(), changed, agent: "code-fix")
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("WIDENS code-fix repo.open_draft_pr allow: {") == true)
        #expect(found.first?.hasSuffix("} was approve at stage supervised") == true)
        #expect(lines(changed, try acme(), agent: "code-fix").first?.hasPrefix("NARROWS") == true)
    }

    @Test func `a guard in other bytes that look the same is not silent`() throws {
        let one = try acme(("args.base != 'release'", "args.base == 'caf\u{e9}'"))
        let two = try acme(("args.base != 'release'", "args.base == 'cafe\u{301}'"))
        #expect(lines(one, two).contains { $0.hasPrefix("WIDENS code-fix repo.open_draft_pr") })
    }

    @Test(
        .requirement("R035"),
        arguments: [
            (
                "!has(args.environment) || !(args.environment in ['dev', 'staging'])",
                "!(has(args.environment) && args.environment in ['staging', 'dev'])"
            ),
            (
                "args.amount_cents > 0 && args.amount_cents <= 50000 && args.currency in ['EUR', 'USD']",
                "!(args.currency != 'USD' && args.currency != 'EUR') && !(50000 < args.amount_cents || 0 >= args.amount_cents)"
            ),
            (
                "args.base != 'release' && size(args.files) <= 20",
                "size(args.files) > 20 ? false : !(args.base == 'release')"
            ),
            (
                "now >= timestamp('2026-12-20T00:00:00Z') && now < timestamp('2027-01-04T00:00:00Z')",
                "!(now < timestamp('2026-12-20T01:00:00+01:00')) && timestamp('2027-01-04T00:00:00Z') > now"
            ),
        ]) func `rewrites that mean the same are silent`(old: String, new: String) throws
    {
        #expect(lines(try acme(), try acme((old, new))) == [])
    }

    @Test func `a rewrite that drops an error is not silent`() throws {
        let changed = try acme(
            (
                "!has(args.environment) || !(args.environment in ['dev', 'staging'])",
                "has(args.environment) && !(args.environment in ['dev', 'staging'])"
            ))
        #expect(
            lines(try acme(), changed) == [
                #"WIDENS code-fix deploy.rollback approve: {"service":"checkout"} was approve 2"#
            ])
    }

    @Test(.requirement("R035")) func `a forbid of more is narrower`() throws {
        let changed = try acme(("args.amount_cents > 200000", "args.amount_cents > 40000"))
        #expect(
            lines(try acme(), changed) == [
                #"NARROWS refunds billing.refund_request deny forbid: {"amount_cents":40001,"currency":"EUR"} was approve 2"#
            ])
    }

    @Test(
        arguments: [
            ("calls: 20/m\n", "calls: 10/m\n", ["NARROWS refunds limits.calls: 10/m was 20/m"]),
            (
                "max: 500000/d", "max: 500001/d",
                [
                    "WIDENS refunds limits.spend.args.amount_cents of billing.refund_request: 500001/d was 500000/d"
                ]
            ),
            (
                "to: \"18:00\"", "to: \"19:00\"",
                [
                    #"WIDENS refunds hours: {"days":["fri","mon","thu","tue","wed"],"from":480,"to":1140,"tz":"Europe/Lisbon"} was {"days":["fri","mon","thu","tue","wed"],"from":480,"to":1080,"tz":"Europe/Lisbon"}"#
                ]
            ),
            (
                "drop: [card_number, iban]", "drop: [card_number]",
                [
                    #"WIDENS refunds data.billing.get_invoice.drop: ["card_number"] was ["card_number","iban"]"#
                ]
            ),
            (
                "max_bytes: 16384", "max_bytes: 8192",
                ["NARROWS support-triage data.crm.get_customer.max_bytes: 8192 was 16384"]
            ),
            (
                "sam@acme.example], expires: 15m", "sam@acme.example], expires: 20m",
                ["WIDENS approvals.release.expires: 1200 was 900"]
            ),
            (
                "review_by: \"2027-01-20\"", "review_by: \"2027-01-19\"",
                ["NARROWS code-fix review_by: 2027-01-19 was 2027-01-20"]
            ),
            (
                "max: 8h, approvers: 2", "max: 8h, approvers: 1",
                ["WIDENS defaults.elevation.approvers: 1 was 2"]
            ),
        ]) func `what is data is compared as data`(
            old: String, new: String, expected: [String]
        ) throws
    {
        let found = lines(try acme(), try acme((old, new)))
        #expect(found == expected)
    }

    @Test func `a search of the history that is no longer made is wider`() throws {
        let line = #"review_by: "2027-01-20""#
        func policy(_ scan: String) throws -> PolicySnapshot {
            try acme((line, "\(line)\n    scan: \(scan)"))
        }
        let (none, off, on) = (
            try acme(), try policy("{history: false}"), try policy("{history: true}")
        )
        #expect(lines(none, on) == ["NARROWS code-fix scan.history: true was absent"])
        #expect(lines(on, off) == ["WIDENS code-fix scan.history: false was true"])
        #expect(lines(on, none) == ["WIDENS code-fix scan.history: absent was true"])
        #expect(lines(none, off).isEmpty)
    }

    @Test func `what guards outside the subset say is not comparable, and shown`() throws {
        let before = try acme(("!args.path.contains('..')", "args.path.matches('^[a-z/]+$')"))
        let after = try acme(("!args.path.contains('..')", "args.path.matches('^[a-z/]*$')"))
        let found = PolicyComparison.compare(before, after, at: exampleTime)
        #expect(found.worst == .notComparable)
        #expect(
            found.differences.map(\.notes) == [
                [
                    "old: grant !args.path.startsWith('secrets/') && args.path.matches('^[a-z/]+$')",
                    "new: grant !args.path.startsWith('secrets/') && args.path.matches('^[a-z/]*$')",
                ]
            ])
    }

    @Test func `a part outside the subset that stays the same does not hide an equal rest`() throws
    {
        let before = try acme(("!args.path.contains('..')", "args.path.matches('^[a-z/]+$')"))
        let after = try acme(
            (
                "!args.path.startsWith('secrets/') && !args.path.contains('..')",
                "!(args.path.startsWith('secrets/') || !args.path.matches('^[a-z/]+$'))"
            ))
        #expect(lines(before, after) == [])
    }

    @Test func `a forbid that goes is wider even where nothing grants the tool today`() throws {
        let changed = try acme(
            ("  - {id: no-customer-delete, tools: [crm.delete_customer]}\n", ""))
        #expect(
            lines(try acme(), changed) == [
                "WIDENS crm.delete_customer deny no-grant: {} was deny forbid"
            ])
    }

    @Test func `one agent alone can be compared`() throws {
        let changed = try acme(
            ("args.amount_cents <= 50000", "args.amount_cents <= 50001"),
            ("max: 8h, approvers: 2", "max: 8h, approvers: 1"))
        #expect(lines(try acme(), changed, agent: "code-fix") == [])
        #expect(lines(try acme(), changed, agent: "refunds").count == 1)
    }

    @Test func `a key that no rule knows is not comparable`() {
        let found = DataComparison.differences(
            ["later": ["a": 1]], ["later": ["a": 2]])
        #expect(found.map(\.direction) == [.notComparable])
    }
}
