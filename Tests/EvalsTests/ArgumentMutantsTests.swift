import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockEvals

/// Rewritten arguments (docs/specs/evals.md, section 3).
@Suite(.requirement("R119")) struct ArgumentMutantsTests {
    private static let limits = JSONLimits(bytes: 1 << 20, largeIntegers: .keep)

    private static let arguments: JSONValue = [
        "amount_cents": 50000, "currency": "Eur", "to": ["caf\u{e9}", "9000"],
        "note": ["b": true, "a": .null], "rate": .number(JSONNumber(text: "1.5", double: 1.5)),
    ]

    private func mutants(_ kinds: [MutationKind], seed: UInt64 = 7, most: Int = 4096)
        -> [ArgumentMutant]
    {
        ArgumentMutants(of: Self.arguments, by: kinds, seed: seed, most: most).all
    }

    private func texts(_ kind: MutationKind) -> [String] { mutants([kind]).map(\.json) }

    /// A kind and a part of one of its mutants.
    private static let parts: [(MutationKind, String)] = [
        (.letterCase, "\"EUR\""), (.letterCase, "\"eur\""), (.letterCase, "\"Amount_cents\""),
        (.unicode, "\u{ff25}\u{ff55}\u{ff52}"), (.unicode, "E\u{200b}ur"),
        (.unicode, "\u{415}ur"), (.unicode, "cafe\u{301}"), (.extraField, "\"x-"),
        (.encoding, "\"%45%75%72\""), (.encoding, "\"RXVy\""),
        (.encoding, "\"\\u0045\\u0075\\u0072\""), (.order, "{\"a\":null,\"b\":true}"),
        (.order, "[\"9000\",\"caf\u{e9}\"]"), (.number, ":50000.0,"), (.number, ":5e4,"),
        (.number, ":\"50000\","), (.number, ",9000]"), (.number, ":\"1.5\""),
        (.absence, "\"currency\":null"), (.absence, "{\"currency\""),
    ]

    @Test(arguments: parts)
    func `each kind rewrites what it is for`(_ kind: MutationKind, _ part: String) {
        let bytes = Array(part.utf8)
        let found = texts(kind).contains { text in
            let text = Array(text.utf8)
            guard text.count >= bytes.count else { return false }
            return (0...(text.count - bytes.count)).contains { place in
                text[place..<(place + bytes.count)].elementsEqual(bytes)
            }
        }
        #expect(found, "\(kind): \(texts(kind))")
    }

    @Test func `each mutant is JSON that differs from the original in its bytes`() throws {
        let original = Self.arguments.serialized()
        let all = mutants(MutationKind.allCases)
        #expect(Set(all.map(\.kind)) == Set(MutationKind.allCases))
        for one in all {
            #expect(Array(one.json.utf8) != original, "\(one)")
            #expect(one.arguments(limits: Self.limits) != nil, "\(one)")
            #expect(one.change.hasPrefix("/"), "\(one)")
        }
        // Order and escapes are other texts of one value.
        for one in mutants([.order]) where one.json.contains("\"9000\",") == false {
            #expect(one.arguments(limits: Self.limits) == Self.arguments, "\(one)")
        }
    }

    @Test func `the same seed gives the same mutants, and a sample keeps their order`() {
        let all = mutants(MutationKind.allCases, seed: 3)
        #expect(all == mutants(MutationKind.allCases, seed: 3))
        let some = mutants(MutationKind.allCases, seed: 3, most: 10)
        #expect(some.count == 10)
        let places = some.compactMap { one in all.firstIndex(of: one) }
        #expect(places == places.sorted() && places.count == 10)
        let other = mutants(MutationKind.allCases, seed: 4, most: 10)
        #expect(other.map(\.change) != some.map(\.change))
        #expect(mutants(MutationKind.allCases, most: 0).isEmpty)
        #expect(mutants([]).isEmpty)
        #expect(ArgumentMutants(of: [:], by: [.letterCase], seed: 1).all.isEmpty)
    }

    @Test func `large arguments have a bounded number of mutants`() {
        var object = JSONObject()
        for number in 0..<3000 { object["k\(number)"] = .integer(Int64(number)) }
        let found = ArgumentMutants(of: .object(object), by: MutationKind.allCases, seed: 1).all
        #expect(found.count == ArgumentMutants.most)
        var deep: JSONValue = "x"
        for _ in 0..<200 { deep = .array([deep]) }
        #expect(ArgumentMutants(of: deep, by: [.letterCase], seed: 1).all.isEmpty)
        let least = "-9223372036854775808"
        #expect(ArgumentMutants(of: [.string(least)], by: [.number], seed: 1).all.isEmpty)
    }

    @Test func `a change is one line, whatever keys and texts are`() {
        let arguments: JSONValue = [
            "a\n::error": "x\r\ny", "long": .string(String(repeating: "z", count: 500)),
        ]
        let all = ArgumentMutants(of: arguments, by: MutationKind.allCases, seed: 1).all
        #expect(all.count > 10)
        for one in all {
            #expect(one.change.utf8.allSatisfy { $0 >= 0x20 }, "\(one.change)")
            #expect(one.change.count < 200)
        }
    }

    @Test(arguments: [CaseClass.refuse, .adversarial, .incident])
    func `a mutant of what must be refused is never decided more permissively`(
        _ caseClass: CaseClass
    ) {
        #expect(MutantFate(of: caseClass, original: .deny, decided: .deny) == .held)
        #expect(
            MutantFate(of: caseClass, original: .deny, decided: .approve(2))
                == .laxer(.approve(2)))
        #expect(MutantFate(of: caseClass, original: .deny, decided: .allow) == .laxer(.allow))
        #expect(
            MutantFate(of: caseClass, original: .approve(2), decided: .approve(1))
                == .laxer(.approve(1)))
        #expect(MutantFate(of: caseClass, original: .approve(1), decided: .deny) == .held)
        #expect(MutantFate(of: caseClass, original: .deny, decided: nil) == .undecided)
    }

    @Test func `a mutant of what must be allowed may be refused, and needs a verdict`() {
        #expect(MutantFate(of: .allow, original: .allow, decided: .deny) == .held)
        #expect(MutantFate(of: .golden, original: .deny, decided: .allow) == .held)
        #expect(MutantFate(of: .allow, original: .allow, decided: nil) == .undecided)
    }

    @Test func `a rule that reads the text of a currency is found out`() throws {
        let one = try #require(EvalFixture.readCase(EvalFixture.policyText("a")).evalCase)
        // A careless rule: it refuses what is written `EUR` and lets everything else through.
        let careless = one.failedMutants(seed: 1, original: .deny) { mutant in
            mutant.arguments(limits: Self.limits)?["currency"]?.string == "EUR" ? .deny : .allow
        }
        #expect(careless.contains { $0.contains("mutant `case`") && $0.contains("\"eur\"") })
        // A rule that names what it lets through holds.
        let careful = one.failedMutants(seed: 1, original: .deny) { mutant in
            guard let amount = mutant.arguments(limits: Self.limits)?["amount_cents"]?.integer
            else { return .deny }
            return amount <= 50000 ? .allow : .deny
        }
        #expect(careful == [])
        #expect(one.failedMutants(seed: 1, original: .deny) { _ in nil }.count > 10)
    }

    @Test func `only refuse and adversarial cases are mutated by default`() throws {
        for caseClass in CaseClass.allCases {
            let expect = caseClass == .allow ? "allow" : "deny"
            let text = EvalFixture.policyText("a", caseClass.rawValue, expect: expect)
            let read = try #require(EvalFixture.readCase(text).evalCase)
            guard case .policy(let policy) = read.body else { continue }
            let isMutated = caseClass == .refuse || caseClass == .adversarial
            #expect(policy.mutations.isEmpty != isMutated, "\(caseClass)")
            let stated = EvalFixture.policyText(
                "a", caseClass.rawValue, expect: expect, more: "mutate: [number, case]\n")
            guard case .policy(let named)? = EvalFixture.readCase(stated).evalCase?.body else {
                Issue.record("\(caseClass)")
                continue
            }
            #expect(named.mutations == [.letterCase, .number])
        }
        let none = EvalFixture.policyText("a", more: "mutate: none\n")
        guard case .policy(let policy)? = EvalFixture.readCase(none).evalCase?.body else {
            Issue.record("`mutate: none` is read")
            return
        }
        #expect(policy.mutations.isEmpty)
    }
}
