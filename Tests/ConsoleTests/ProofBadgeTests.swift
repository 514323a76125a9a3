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
@testable import InterlockMarkup

/// The marks of proofs on the pages of records and runs.
struct ProofBadgeTests {
    private let shelf = EvidenceShelf()
    private var browser: Browser { Browser(sources: shelf.sources) }

    private static let required = CheckpointWitnesses(names: ["north"], quorum: .missing("both"))
    private static let unrequired = CheckpointWitnesses(names: ["north"], quorum: .notRequired)

    private func html(_ state: ProofBadge.State) -> String {
        let mark = ProofBadge(state, of: "Record 12", Anchor("proof", 12), files: .record(12))
        return String(decoding: mark.html.bytes, as: UTF8.self)
    }

    @Test func `green is a checkpoint that the required witnesses cosigned`() {
        let text = html(.proved(EvidenceShelf.proof()))
        #expect(text.contains("class=\"proof good\""))
        #expect(text.contains("i-cosigned"))
        #expect(text.contains("Record 12: Proved and cosigned"))
        #expect(text.contains("1000 records"))
        #expect(text.contains(EvidenceShelf.proof().root.base64))
        #expect(text.contains("north, south"))
        #expect(text.contains("all: both"))
    }

    @Test(arguments: [unrequired, required, .unknown])
    func `what is proved alone is not green`(_ witnesses: CheckpointWitnesses) {
        let text = html(.proved(EvidenceShelf.proof(witnesses)))
        #expect(text.contains("class=\"proof\""))
        #expect(text.contains("i-proved"))
        #expect(!text.contains("good"))
    }

    @Test func `what is not proved and what was not checked are not green, and offer no file`() {
        let refuted = html(.notProved)
        #expect(refuted.contains("class=\"proof bad\""))
        #expect(refuted.contains("i-cross"))
        let unchecked = html(.notChecked)
        #expect(unchecked.contains("class=\"proof unknown\""))
        #expect(unchecked.contains("i-dash"))
        for text in [refuted, unchecked] {
            #expect(!text.contains("good"))
            #expect(!text.contains("interlock-verify"))
            #expect(!text.contains("/audit/12"))
        }
    }

    @Test func `a call is as well proved as the least of its records`() {
        let (strong, weak) = (EvidenceShelf.proof(), EvidenceShelf.proof(.unknown))
        #expect(RecordProof.weakest(of: [strong, strong]) == strong)
        #expect(RecordProof.weakest(of: [strong, weak]) == weak)
        #expect(RecordProof.weakest(of: [strong, nil]) == nil)
        #expect(RecordProof.weakest(of: []) == nil)
    }

    @Test func `a page has a popover for each record, with its command`() async throws {
        let rows = try (0..<50).map {
            RecordFinding.Row.proved(try EvidenceShelf.record($0, witnesses: Self.unrequired))
        }
        shelf.state.withLock { $0.rows = rows.reversed() }
        let page = await browser.get("/audit")
        #expect(Outline(page.response.body).faults == [])
        let names = page.text.matches(of: /<div id="(proof-[0-9]+)" popover/).map { $0.output.1 }
        #expect(names.count == 50)
        #expect(Set(names).count == 50)
        #expect(!page.text.contains("proof good"))
        #expect(page.text.utf8.count < 150_000)
        let record = await browser.get("/audit/12").text
        let command =
            "interlock-verify --trust YOUR-trust.policy record-12.tlog-proof record-12.json"
        #expect(record.contains(command))
        #expect(record.contains("aria-label=\"Record 12: Proved\""))
    }

    @Test func `names of witnesses stay text`() {
        let witnesses = CheckpointWitnesses(
            names: ["<b>\u{202e}x"], quorum: .reached("<i>\u{202e}"))
        let text = html(.proved(EvidenceShelf.proof(witnesses)))
        #expect(!text.contains("<b>"))
        #expect(!text.contains("<i>"))
        #expect(!text.contains("\u{202e}"))
    }

    @Test func `each field of each type of record has a label`() {
        for type in RecordType.allCases {
            for field in RecordSchema.of(type).fields {
                #expect(FieldLabels.label(field.name) != nil, "\(type.rawValue) \(field.name)")
            }
        }
        for field in RecordSchema.placed {
            #expect(FieldLabels.label(field) != nil, "\(field)")
        }
    }

    @Test func `fields are in the order of their meaning, and empty ones are folded away`() throws {
        let record = try EvidenceShelf.record(
            12, .callDenied,
            [
                "toolv": "pin", "tool": "crm__get", "agent": "refunds", "dec": "deny",
                "ctx": "none", "note": "", "call": "c1",
            ]
        ).record
        let fields = RecordFields(record: record, bytes: [])
        let text = Outline(HTML.group(fields.html).bytes).text
        let order = [
            "Type", "Decision", "Agent", "Tool", "Call", "Pin", "Empty fields", "Comment",
            "Prompt context", "Technical fields", "Raw record",
        ]
        let places = order.compactMap { text.firstRange(of: $0)?.lowerBound }
        #expect(places.count == order.count && places == places.sorted(), "\(text)")
    }

    @Test(arguments: RecordType.allCases)
    func `each type of record has a headline`(_ type: RecordType) throws {
        let words = RecordHeadline(record: try EvidenceShelf.record(1, type).record)
        #expect(words.isKnown)
        #expect(words.headline != type.rawValue)
        #expect(words.headline.first?.isUppercase == true)
    }
}
