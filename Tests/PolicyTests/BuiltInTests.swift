import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockPolicy

/// The rows that apply if a policy states nothing are written twice: for the digest that people sign, and for decisions.
@Suite struct BuiltInTests {
    @Test func `the built-in tiers that are digested are those that decide`() throws {
        let tiers = try snapshot("interlock: 1\norg: acme\nkill_switch: org-wide, tested monthly\n")
            .document.tiers
        let digested = try #require(PolicySchema.builtInTiers.object)
        #expect(digested.members.count == tiers.count)
        for (name, value) in digested.members {
            let rules = try #require(Tier(rawValue: name).flatMap { tiers[$0] })
            #expect(texts(value["classes"]) == Set(rules.classes.map(\.rawValue)), "\(name)")
            #expect(value["calls"]?["n"]?.integer == Int64(rules.calls.count), "\(name)")
            #expect(value["calls"]?["per"]?.integer == Int64(rules.calls.windowSeconds), "\(name)")
            #expect(texts(value["require"]) == rules.require, "\(name)")
        }
    }

    @Test func `the built-in controls that are digested are those that decide`() throws {
        let controls = try snapshot(
            "interlock: 1\norg: acme\nkill_switch: org-wide, tested monthly\n"
        ).document.controls
        let digested = try #require(PolicySchema.builtInControls.object)
        #expect(digested.members.count == Effect.allCases.count)
        for (name, value) in digested.members {
            let row = controls[try #require(Effect(name: name))]
            #expect(value["supervised"]?.string == "\(row.supervised)", "\(name)")
            #expect(value["trusted"]?.string == "\(row.trusted)", "\(name)")
        }
    }

    private func texts(_ list: JSONValue?) -> Set<String> {
        Set((list?.array ?? []).compactMap(\.string))
    }
}
