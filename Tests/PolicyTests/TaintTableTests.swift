import InterlockModel
import Testing

@testable import InterlockPolicy

/// The table of docs/specs/output-safety.md, section 7, cell by cell, and its order.
@Suite struct TaintTableTests {
    private static let verdicts: [Verdict] = [.allow, .approve(1), .approve(2), .deny]

    /// Each row of the specification: level, label, and its three cells; `d` is denied if the policy states so.
    private static let rows: [(TaintLevel, ValueLabel, String)] = [
        (.clean, .user, "ppp"), (.clean, .policy, "ppp"), (.clean, .trusted, "ppp"),
        (.clean, .model, "ppa"), (.clean, .named, "paa"), (.clean, .untrusted, "aaa"),
        (.untrusted, .user, "ppp"), (.untrusted, .policy, "ppp"), (.untrusted, .trusted, "ppp"),
        (.untrusted, .model, "paa"), (.untrusted, .named, "paa"), (.untrusted, .untrusted, "aaa"),
        (.hostile, .user, "paa"), (.hostile, .policy, "paa"), (.hostile, .trusted, "paa"),
        (.hostile, .model, "add"), (.hostile, .named, "add"), (.hostile, .untrusted, "add"),
    ]

    @Test func `each cell is as specified`() {
        #expect(Self.rows.count == TaintLevel.allCases.count * ValueLabel.allCases.count)
        for (level, label, cells) in Self.rows {
            for (column, cell) in zip(TaintTable.Column.allCases, cells) {
                for denies in [false, true] {
                    let expected: TaintTable.Outcome =
                        cell == "p" ? .policy : cell == "d" && denies ? .deny : .approve
                    let found = TaintTable.outcome(level, label, column, deniesHostile: denies)
                    #expect(found == expected, "\(level) \(label) \(column) \(denies)")
                }
            }
        }
    }

    @Test func `a higher level, a worse label and a graver column never loosen a verdict`() {
        func verdict(
            _ level: TaintLevel, _ label: ValueLabel, _ column: TaintTable.Column, _ denies: Bool,
            _ own: Verdict
        ) -> Verdict {
            TaintTable.outcome(level, label, column, deniesHostile: denies).combined(with: own)
        }
        for own in Self.verdicts {
            for denies in [false, true] {
                for level in TaintLevel.allCases {
                    for label in ValueLabel.allCases {
                        for column in TaintTable.Column.allCases {
                            let here = verdict(level, label, column, denies, own)
                            #expect(here >= own)
                            for worse in TaintLevel.allCases where worse > level {
                                #expect(verdict(worse, label, column, denies, own) >= here)
                            }
                            for worse in ValueLabel.allCases where worse.rank >= label.rank {
                                #expect(verdict(level, worse, column, denies, own) >= here)
                            }
                            for worse in TaintTable.Column.allCases
                            where worse.rawValue > column.rawValue {
                                #expect(verdict(level, label, worse, denies, own) >= here)
                            }
                        }
                    }
                }
            }
        }
    }

    @Test func `the gravest effect of a call decides its column`() {
        for raw in UInt8.min..<128 {
            let effects = EffectSet(rawValue: raw)
            let isGrave =
                effects.has(.irreversible) || effects.has(.spendsMoney) || effects.has(.production)
            let isOutward = effects.has(.customerFacing) || effects.has(.sensitiveData)
            #expect(
                TaintTable.Column(effects)
                    == (isGrave ? .grave : isOutward ? .outward : .contained))
        }
    }
}
