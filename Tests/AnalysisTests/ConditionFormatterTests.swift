import InterlockTesting
import Testing

@testable import InterlockPolicyReview

@Suite struct `Guards in words` {
    @Test(arguments: [
        ("args.amount_cents <= 50000", "amount_cents is at most 50000"),
        ("50000 >= args.amount_cents", "amount_cents is at most 50000"),
        ("!(args.n < 3)", "n is at least 3"), ("args.n == -1.5", "n is -1.5"),
        ("has(args.environment)", "environment is given"),
        ("!has(args.customer.id)", "customer.id is not given"),
        ("args.currency in ['EUR', \"a\\\"b\"]", #"currency is one of "EUR", "a\"b""#),
        ("!(args.currency in ['EUR'])", #"currency is not "EUR""#),
        (
            "args.base != 'release' && size(args.files) <= 20",
            #"base is not "release" and the size of files is at most 20"#
        ),
        ("args.files.size() > 2", "the size of files is more than 2"),
        (
            "!args.path.startsWith('secrets/') && !args.path.contains('..')",
            #"path does not begin with "secrets/" and path does not contain "..""#
        ),
        ("args.a == 1 && (args.b == 2 || args.c == 3)", "a is 1 and (b is 2 or c is 3)"),
        ("!(args.a == 1 && args.b == 2)", "a is not 1 or b is not 2"),
        ("args.items[0].name == 'x'", #"items[0].name is "x""#),
        ("args['odd name'] == null", "odd name is null"), ("args.confirm", "confirm is true"),
        ("!args.confirm", "confirm is false"),
        ("agent.stage == 'trusted'", #"the agent's stage is "trusted""#),
        (
            "now >= timestamp('2026-12-20T00:00:00Z') && !(now >= timestamp('2027-01-04T00:00:00Z'))",
            "it is 2026-12-20T00:00:00Z or later and it is before 2027-01-04T00:00:00Z"
        ),
        ("call.tainted", "the run has read untrusted content"),
    ]) func `a guard that can be said exactly is`(_ guardText: String, _ words: String) {
        #expect(ConditionFormatter.words(of: guardText) == words)
    }

    @Test(arguments: [
        "args.a + 1 == 2", "args.a == args.b", "args.list.all(x, x > 1)", "args.a in args.list",
        "now.getHours('Europe/Oslo') < 8", "args.a == 1 && args.b.map(x, x) == []", "args[", "",
        "args == 1", "args.a in []", "call.unknown == 1", "timestamp(args.at) < now",
    ]) func `a guard with a part that has no words stays as it is written`(_ guardText: String) {
        #expect(ConditionFormatter.words(of: guardText) == guardText)
    }

    @Test
    func `a guard of 10,000 characters and one that is deep are said or shown, never a failure`() {
        let long = "args.a == '" + String(repeating: "x", count: 10_000) + "'"
        #expect(ConditionFormatter.words(of: long).count > 10_000)
        let deep =
            String(repeating: "!(", count: 500) + "args.a" + String(repeating: ")", count: 500)
        #expect(ConditionFormatter.words(of: deep) == deep)
    }
}
