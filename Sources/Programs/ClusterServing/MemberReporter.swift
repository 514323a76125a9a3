import InterlockCluster
import InterlockClusterNodes
import InterlockCommandLine
import InterlockModel
import InterlockPorts

/// Tells operators what happens in the cluster: a line of the program's log for each change of members and store, and an
/// alert for what people have to look at.
final class MemberReporter: NodeListener {
    private let alarm: @Sendable (_ code: String, _ subject: String) -> Void

    init(alarm: @escaping @Sendable (_ code: String, _ subject: String) -> Void) {
        self.alarm = alarm
    }

    func receive(_ notification: NodeNotification) {
        switch notification {
        case .joined(let incarnation): tell("joined in incarnation \(incarnation)")
        case .generation: tell("the database was restarted or failed over: heads are compared")
        case .repaired(let count):
            tell("\(count) entries that the database had lost were put back")
            alarm("cluster.repaired", "\(count) entries")
        case .notRepaired(let number): alarm("cluster.not_repaired", "entry \(number)")
        case .expelled(let node, _):
            tell("\(node) was silent, and is expelled")
            alarm("cluster.expelled", node.text)
        case .broken(let fault):
            tell("the control chain was changed: \(fault)")
            alarm("cluster.chain_broken", "\(fault)")
        case .stopped(let number, let kind):
            tell("entry \(number) of kind \(kind) is of another version of this program")
            alarm("cluster.entry_unknown", "entry \(number)")
        case .drain(let revision): tell("the revision \(revision.prefixed) is not loaded here")
        case .notWritten(let failure):
            tell(failure.description)
            alarm("cluster.not_written", "state/control")
        case .notSigned(let failure): alarm("cluster.not_signed", failure.reason)
        case .notPushed: alarm("cluster.not_pushed", "a halt")
        case .otherChain(let node, _): alarm("cluster.other_chain", node.text)
        case .peer(let node, let isUp): tell("\(node) \(isUp ? "answers" : "does not answer")")
        case .applied, .passed, .halted, .delivered, .lifecycle, .answered, .unanswered: break
        }
    }

    private func tell(_ line: String) { log(line, .warning, part: "cluster") }
}
