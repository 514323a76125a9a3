import InterlockJSON
import InterlockMarkup
import InterlockModel

@testable import InterlockAPI
@testable import InterlockConsole

/// Facts, texts of others, tables and changes.
struct DesignData {
    let now: Timestamp

    private static let tile = Anchor("specimen-tiles")

    var facts: [DesignPage.Specimen] {
        var figures = Figures()
        figures.add("For you", 3, to: Link("approvals"))
        figures.add("Calls in progress", 12_345, "call")
        figures.add("Active halts", 1, isBad: true)
        var tiles = Tiles()
        tiles.add("Permissions", to: Self.tile, "6 of 19 tools") { "3 need approval" }
        tiles.add("Last hour", to: Self.tile, "214 allowed") { "9 denied" }
        var facts = Facts()
        facts.add("Owner", text: "ines@acme.example")
        facts.add("Amount", own: "1\u{202f}299.00 NOK (amount_cents: 129900)")
        facts.add("Left out", text: nil)
        facts.add("Started") { Shape.time(now) }
        facts.add("Identity") {
            element(.code) { "sha256:1f3385aa 90b2c4e6 77d01f9c 5e2a48b3" }
        }
        var many = Facts()
        for (name, count) in [("Agent", 3), ("Run", 10)] {
            many.group(name)
            for number in 1...count { many.add("\(name) \(number)", text: "value") }
        }
        return [
            DesignPage.Specimen("Figures", "Figures.add(_, _, to:, isBad:)") { figures.html },
            DesignPage.Specimen("Tiles that lead to cards", "Tiles.add(_, to:, _)") {
                element(.div, .id(Self.tile)) { tiles.html }
            },
            DesignPage.Specimen("Facts", "Facts.add(_, text:)") { facts.html },
            DesignPage.Specimen("More than eight facts", "Facts.group(_)") { many.html },
            DesignPage.Specimen("Times", "Shape.time(_), Shape.exact(_), Shape.duration(_)") {
                for seconds in [-1_000_000, -480, -5, 720, 7080] as [Int64] {
                    element(.p) { Shape.time(now + .seconds(seconds)) }
                }
                element(.p) { Shape.exact(now) }
                element(.p) { Shape.duration(.milliseconds(420)) }
                element(.p) { Shape.duration(.seconds(7080)) }
            },
        ]
    }

    static let texts = [
        DesignPage.Specimen("Text of any origin", "SafeText.text(_)") {
            element(.p) { SafeText.text("refunds for damaged orders") }
        },
        DesignPage.Specimen("Hostile text", "SafeText.text(_)") {
            element(.p) { SafeText.text("pay <b>99</b>\u{202e}dna \u{200b}pаypal") }
        },
        DesignPage.Specimen("Value of a call", "SafeText.quoted(_)") {
            element(.p) { SafeText.quoted("VGhlIGRlY29kZWQgZm9ybSBpcyBiZWxvdw==") }
        },
        DesignPage.Specimen("Arguments", "SafeText.value(_)") {
            SafeText.value([
                "order": "A-1009", "amount_cents": .integer(50_000), "currency": "EUR",
                "lines": [.integer(1), .bool(true), .null], "empty": [:],
            ])
        },
        DesignPage.Specimen("Block of code", "style(.block)") {
            element(.div, .style(.block)) {
                SafeText.text("when: args.amount_cents <= 50000\napprovers: finance")
            }
        },
    ]

    var tables: [DesignPage.Specimen] {
        [
            DesignPage.Specimen(
                "Table", "Table(_, [.name(_), .time(_, .second)], _, isLinked: true)"
            ) { table(rows).html },
            DesignPage.Specimen("Table without a row", "table.html(or:)") {
                table([]).html(or: "No agents")
            },
        ]
    }

    private typealias Row = (name: String, badge: HTML, calls: Int, purpose: String)

    private var rows: [Row] {
        [
            ("refunds", badge("Active", .good), 1_234, "Prepares refunds for damaged orders"),
            (
                "support-triage", badge("Stopped", .bad), 80,
                "Sorts tickets by what they are about"
            ),
            ("tester", badge("Unknown", .unknown), 0, "Tries tools of new servers"),
        ]
    }

    private func table(_ rows: [Row]) -> Table {
        Table(
            "Agents, by name",
            [
                .name("Name"), .state("State"), .number("Calls"), .time("Last call", .second),
                .id("Run", .third), .text("Purpose", .second),
            ], rows, isLinked: true
        ) { row in
            [
                hyperlink(Link("agents", row.name)) { HTML.safe(row.name) }, row.badge,
                .text(Shape.grouped(row.calls)), Shape.time(now),
                Shape.id("01kag0q9m2c4e6g8j0k2n4p6r8"), .safe(row.purpose),
            ]
        }
    }

    var changes: [DesignPage.Specimen] {
        [
            DesignPage.Specimen("Timeline", "style(.timeline)") {
                element(.ol, .style(.timeline)) {
                    element(.li) {
                        Shape.time(now)
                        " refunds requested approval"
                    }
                    element(.li, .style(.bad)) {
                        Shape.time(now)
                        " denied by rule hard-refund-cap"
                    }
                }
            },
            DesignPage.Specimen("Changes of a revision", "Table(_, [\"Before\", \"After\"], _)") {
                Table(
                    "2 changes, 1 allow more", ["About", "Direction", "Before", "After"],
                    [
                        (
                            "credits: payments.issue_credit", badge("Allows more", .high),
                            "denied", "2 approvals"
                        ),
                        (
                            "night-sre: logs", badge("Allows less", .low), "allowed",
                            "1 approval"
                        ),
                    ]
                ) { row in [.safe(row.0), row.1, .safe(row.2), .safe(row.3)] }.html
            },
            DesignPage.Specimen("Details", "element(.details)") {
                element(.details) {
                    element(.summary) { "Show as table" }
                    element(.p) { "What is technical folds. What is signed never does." }
                }
            },
        ]
    }
}
