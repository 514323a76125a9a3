package import InterlockAdministration
import InterlockEvidence
import InterlockLedger
package import InterlockMarkup
package import InterlockModel

extension OutcomeFinding {
    package var words: String {
        switch self {
        case .ran: "It ran"
        case .notRun: "It did not run"
        case .undone: "It was undone"
        case .stillUnknown: "Still unknown"
        }
    }
}

extension OutcomeRefusal {
    package var sentence: String {
        switch self {
        case .missing: "record not found, or no access"
        case .notTheirs: "the owner of the agent checks it, or the role security"
        case .known: "the outcome of this call is not unknown"
        case .checkedAlready(let finding): "it was checked already: \(finding.words)"
        case .comment:
            "Still unknown needs a comment, and a comment has at most "
                + "\(UnknownOutcomeService.longestComment) characters"
        case .notRecorded(let code): "the log takes no record now (\(code))"
        case .notRead(let refusal): refusal.description
        }
    }

    package var kind: ProblemKind {
        switch self {
        case .missing: .noSuchRecord
        case .notTheirs: .notEligible
        case .known: .outcomeKnown
        case .checkedAlready: .checkedAlready
        case .comment: .malformed
        case .notRecorded: .notRecorded
        case .notRead: .notRead
        }
    }
}

extension UnknownOutcome {
    /// The record that says so, or the records of its run while the index of that one is not known.
    package var link: Link {
        details.map { Link("audit", String($0.record)) }
            ?? Link("audit", query: [("run", run.text), ("type", "call.unknown")])
    }

    /// The reason why it is unknown, in words.
    var cause: String? {
        switch details?.cause {
        case "crash": "the gateway ended"
        case "killed": "stopped by a halt"
        case "timeout": "the server did not answer in time"
        case "disconnect": "the connection ended"
        case "limit": "the answer exceeds a limit"
        default: nil
        }
    }

    /// Returns true if a halt of the target stops what made this call.
    package func isStopped(by target: HaltTarget) -> Bool {
        switch target {
        case .org: true
        case .owner(let person): owner == person
        case .agent(let name): agent == name
        case .server(let server): tool?.server == server
        case .tool(let address): tool == address
        case .run(let id): run == id
        case .drill: false
        }
    }
}
