package import InterlockLedger
package import InterlockModel

/// The mark of a proof: what the gateway found when it proved a record for this page, with a popover. Green only if the
/// required witnesses cosigned the checkpoint too; without contact the style sheet makes it unknown
/// (docs/specs/console.md, section 3).
///
/// INVARIANT: a mark says what was checked when its record was read, and never more. Kept by `ProofBadgeTests`.
package struct ProofBadge {
    package enum State: Hashable {
        /// Proved against a checkpoint that this gateway's log has signed.
        case proved(RecordProof)
        /// The log does not confirm the record.
        case notProved
        case notChecked
    }

    package let state: State
    /// The thing that the mark is about: "Record 12".
    package let subject: String
    /// The id of the popover, once in a page.
    package let anchor: Anchor
    /// The files with which others verify the same; nil if the reader may not have them.
    package var files: ProofFiles?
    /// The popover of another mark of the page that says the same of more records; nil if the mark has its own.
    package var shared: Anchor?

    package init(_ state: State, of subject: String, _ anchor: Anchor, files: ProofFiles? = nil) {
        self.state = state
        self.subject = subject
        self.anchor = anchor
        self.files = files
    }

    /// The mark of one record that was read.
    ///
    /// - Parameters:
    ///   - word: begins the popover's id, which is unique if a page has one mark of a record with this word.
    ///   - files: whether the reader may have the record.
    package init(
        record index: UInt64, _ proof: RecordProof?, _ word: StaticString = "proof",
        files: Bool = true
    ) {
        self.init(
            proof.map { .proved($0) } ?? .notChecked, of: "Record \(index)",
            Anchor(word, Int(clamping: index)), files: files ? .record(index) : nil)
    }

    package var html: HTML {
        let name = "\(subject): \(words)"
        let button = element(
            .button, .style([.proof] + styles), .word(.type, "button"),
            .anchor(.popovertarget, shared ?? anchor), .text(.label, name), .text(.title, words)
        ) { icon.html }
        if shared != nil { return button }
        return .group([
            button,
            element(
                .div, .id(anchor), .flag(.popover), .word(.role, "dialog"), .text(.label, name)
            ) { content },
        ])
    }

    /// The state in a few words.
    package var words: String {
        switch state {
        case .proved(let proof): proof.isCosigned ? "Proved and cosigned" : "Proved"
        case .notProved: "Not proved"
        case .notChecked: "Not checked"
        }
    }

    private var icon: Icon {
        switch state {
        case .proved(let proof): proof.isCosigned ? .cosigned : .proved
        case .notProved: .cross
        case .notChecked: .dash
        }
    }

    private var styles: [Style] {
        switch state {
        case .proved(let proof): proof.isCosigned ? [.good] : []
        case .notProved: [.bad]
        case .notChecked: [.unknown]
        }
    }

    @HTMLBuilder private var content: [HTML] {
        element(.p) {
            element(.strong) { "\(subject): \(words)" }
            ". "
            sentence
        }
        if case .proved(let proof) = state {
            Self.facts(proof).html
            if let files { files.content }
        }
        element(
            .button, .style(.quiet), .word(.type, "button"), .anchor(.popovertarget, anchor)
        ) { "Close" }
    }

    private var sentence: String {
        switch state {
        case .proved:
            "Read from the log for this page, hashed, and proved against this gateway's checkpoint."
        case .notProved:
            "The index names a record here that the log does not confirm. Nothing of it is shown. Run `interlock audit verify`."
        case .notChecked: "This page did not prove it."
        }
    }

    /// The checkpoint and its witnesses, as facts of a popover or of a card.
    package static func facts(_ proof: RecordProof) -> Facts {
        var facts = Facts()
        facts.add("Checkpoint") { "\(proof.size) records" }
        facts.add("Root") { element(.code) { proof.root.base64 } }
        let witnesses = proof.witnesses
        facts.add("Cosigned by") {
            witnesses.names.isEmpty
                ? "no witness" : witnesses.names.map(SafeLine.text).joined(separator: ", ")
        }
        if let newest = witnesses.newest {
            facts.add("Newest cosignature") { Shape.time(newest) }
        }
        facts.add("Required witnesses") {
            switch witnesses.quorum {
            case .notRequired: "none required, so rewriting history cannot be detected"
            case .missing(let name): "not yet: \(SafeLine.text(name))"
            case .reached(let name): "all: \(SafeLine.text(name))"
            }
        }
        return facts
    }
}

/// The downloads that prove something to others, and the command that verifies them without the gateway.
package enum ProofFiles: Hashable {
    case record(UInt64)
    case run(RunID)

    /// The command of `interlock-verify`, to be run in the folder of the downloads.
    package var command: String {
        let files =
            switch self {
            case .record(let index): "record-\(index).tlog-proof record-\(index).json"
            case .run(let run): "run-\(run.text).tar"
            }
        return "interlock-verify --trust YOUR-trust.policy \(files)"
    }

    @HTMLBuilder package var content: [HTML] {
        element(.p, .style(.row)) {
            switch self {
            case .record(let index):
                hyperlink(Link("audit", String(index), "proof"), .flag(.isFile)) {
                    "Download the proof"
                }
                hyperlink(Link("audit", String(index), "record"), .flag(.isFile)) {
                    "Download the record as it is stored"
                }
            case .run(let run):
                hyperlink(Link("runs", run.text, "bundle"), .flag(.isFile)) {
                    "Download the evidence of the run"
                }
            }
        }
        element(.p, .style(.hint)) {
            "Verify without the gateway, with keys that you did not get from it: "
            element(.code) { command }
        }
    }
}

extension RecordProof {
    /// Returns the one of the proofs that says least, or nil if one of the records was not proved.
    package static func weakest(of proofs: [RecordProof?]) -> RecordProof? {
        guard !proofs.contains(nil) else { return nil }
        let proved = proofs.compactMap(\.self)
        return proved.first { !$0.isCosigned } ?? proved.first
    }
}
