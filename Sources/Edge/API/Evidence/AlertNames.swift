package import InterlockAlerts
package import InterlockMarkup

/// Alerts in words: the names of codes, and the findings of single alerts.
package enum AlertNames {
    /// The name of a code in words, or nil for a code that this version does not know.
    static func name(_ code: String) -> String? { names[code] }

    /// The name, or the code of an alert of another version.
    @HTMLBuilder package static func title(_ code: String) -> [HTML] {
        if let name = names[code] { name } else { SafeText.name(code) }
    }

    /// The name with its code next to it.
    @HTMLBuilder package static func html(_ code: String, _ link: Link) -> [HTML] {
        hyperlink(link) { title(code) }
        if names[code] != nil {
            " "
            element(.code, .style(.muted)) { SafeText.name(code) }
        }
    }

    /// The finding of an alert: the count of its window, its sentence, or else its subject.
    @HTMLBuilder package static func message(_ alert: RaisedAlert) -> [HTML] {
        if let window = alert.window, let counted = alert.series.flatMap({ series[$0] }) {
            "\(Shape.grouped(window.count)) \(counted) in \(window.seconds) s, "
                + "usual \(Shape.grouped(window.expected))"
        } else if let sentence = alert.sentence {
            SafeText.text(sentence.text)
        } else if isOfReview(alert.code), !alert.subject.isEmpty {
            // A finding is named by its review and number.
            alert.subject.contains("#") ? "Finding " : "Review of "
            SafeText.name(alert.subject)
        } else if !alert.subject.isEmpty {
            SafeText.name(alert.subject)
        } else {
            "–"
        }
    }

    /// True if alerts with this code say that a review, or a finding of one, is due or late.
    package static func isOfReview(_ code: String) -> Bool {
        switch code {
        case "review.due", "review.weekly_due", "review.overdue", "review.late": true
        default: false
        }
    }

    /// The words for what monitored series count.
    private static let series: [String: String] = [
        "calls": "calls", "denials": "denials", "bytes_out": "bytes sent",
        "recipients": "recipients",
    ]

    private static let names: [String: String] = [
        "access.bound_elsewhere": "Agent credential used from two workloads",
        "access.foreign_workload": "Credential used from another workload",
        "alert.undelivered": "Notification not delivered",
        "approval.all_capped": "Every approver is at the daily limit",
        "approval.break_glass": "Break-glass used", "approval.escalated": "Approval escalated",
        "approval.history_unread": "Approval history not readable",
        "approval.past": "Earlier approvals not readable",
        "approval.probe_unkept": "Probe not stored", "approval.rejected": "Approval denied",
        "approval.store_failed": "Approval not stored",
        "approval.suspicious": "Approver marked a call as suspicious",
        "approval.unreachable": "Too few approvers left",
        "approval.unreadable": "Stored approval not readable",
        "approval.unsettled": "Approval differs from the log",
        "approval.vote_refused": "Vote refused", "approver.missed_probes": "Approver missed probes",
        "audit.fork": "Log history differs at a witness",
        "audit.witness_clock": "Clock of a witness differs",
        "audit.witness_refuses": "Witness refuses the log",
        "audit.witness_silent": "Witness silent", "audit.witness_unasked": "Witness not reachable",
        "audit.witness_unfit": "Witness response not valid",
        "break_glass.review_overdue": "Break-glass review overdue",
        "break_glass.unread": "Break-glass history not readable",
        "breaker.agent": "Circuit breaker of an agent opened",
        "breaker.upstream": "Circuit breaker of a server opened",
        "call.blocked": "Call denied by a rule",
        "call.brokered_value": "Agent was about to send a secret of the gateway",
        "call.canary": "Agent was about to send the value of a canary",
        "certificate.expired": "Certificate expired",
        "certificate.expiring": "Certificate expires soon",
        "cluster.chain_broken": "Control chain of the cluster was changed",
        "cluster.entry_unknown": "Entry of a later version", "cluster.expelled": "Node expelled",
        "cluster.not_pushed": "Halt not pushed to other nodes",
        "cluster.not_repaired": "Entries of the cluster lost",
        "cluster.not_signed": "Entry of this node not signed",
        "cluster.not_written": "Copy of the control chain not written",
        "cluster.other_chain": "Node with another control chain",
        "cluster.repaired": "Lost entries put back",
        "cluster.row_void": "Row of the database does not verify",
        "credential.rotation_due": "Server credential due for rotation",
        "credential.rotation_overdue": "Server credential overdue for rotation",
        "detector.bytes_out": "More data sent than usual",
        "detector.calls": "More calls than usual", "detector.denials": "More denials than usual",
        "detector.recipients": "More recipients than usual",
        "detectors.unreadable": "Learned activity not readable", "drill.due": "Drill due",
        "drill.failed": "Drill failed", "drill.overdue": "Drill overdue",
        "elevation.end_not_kept": "End of temporary access not stored",
        "elevation.unfit": "Temporary access not valid",
        "elevation.unreadable": "Temporary access not readable",
        "eval.expiring": "Result of evals will be too old soon",
        "eval.missing": "Agent without passing evals", "eval.refused": "Agent refused by its evals",
        "eval.unsigned": "Evals not signed by a key that counts",
        "hook.bypassed": "Coding agent went past its hook",
        "hook.config_changed": "Settings of a coding agent changed",
        "hook.silent": "Call without an event of the hook",
        "hook.unexplained_change": "Files changed that no call explains",
        "host.unmanaged": "Coding agent without its hook", "key.expired": "Key expired",
        "key.expiring": "Key expires soon", "kill.detectors": "Detectors stopped many targets",
        "kill.expired_key": "Stop order signed with an expired key",
        "kill.fault": "Kill switch fault", "kill.left": "Halt not confirmed everywhere",
        "kill.refused": "Stop order refused", "kill.unchecked": "Resumed with unchecked outcomes",
        "kill.violation": "Halt not obeyed", "ledger.refusing": "Log not writable",
        "ledger.still": "Log does not grow", "limits.snapshot": "Limits not saved",
        "limits.unknown": "Limits not counted", "lock.refused": "Reviewed definitions refused",
        "net.private_address": "Run tried a private address",
        "passkey.counter_went_back": "Passkey may be a copy",
        "passkey.not_counted": "Passkey use not counted",
        "payload.erasure_finished": "Payloads erased", "payload.not_erased": "Payloads not erased",
        "people.counter_went_back": "Passkey may be a copy",
        "people.not_kept": "Change of people not stored",
        "people.order_refused": "Order about people refused",
        "people.passkey_refused": "Passkey refused", "people.revoked": "Keys of a person revoked",
        "people.session_refused": "Session refused", "people.sign_in_refused": "Sign-in refused",
        "people.unknown": "Change of people not readable",
        "pin.drift": "Server differs from its review",
        "policy.older": "Earlier policy in force again",
        "policy.reload_refused": "Policy reload refused", "policy.unsigned": "Policy not signed",
        "quarantine.unkept": "Quarantine not stored",
        "redaction.failed": "Model read a value that it must not",
        "result.canary": "Value of a canary in what an agent was to get",
        "review.due": "Agent review due", "review.foreign": "Foreign entry about a review",
        "review.late": "Agent review a week overdue or more",
        "review.overdue": "Agent review overdue", "review.unstored": "Review not stored",
        "review.weekly_due": "Weekly log review of an agent due",
        "selftest.failed": "Self-test failed", "selftest.overdue": "Self-test overdue",
        "signal.first_host": "First use of a host",
        "signal.first_recipient": "First use of a recipient",
        "signal.first_server": "First use of a server",
        "signal.first_shape": "First use of an argument shape",
        "signal.first_tool": "First use of a tool", "signal.long_run": "Run longer than usual",
        "signal.outside_hours": "Activity outside the agent's hours",
        "store.down": "Store not reachable",
        "trust.classification_refused": "Owner tried to excuse a denial",
        "trust.demoted": "Agent demoted", "trust.foreign": "Foreign entry about an agent's stage",
        "trust.unsigned": "Promotion does not count",
        "trust.unstored": "Demotion not stored",
        "upstream.issuer_changed": "Issuer of a server changed",
        "upstream.refresh_refused": "Server authorization not renewed",
        "upstream.sign_in_answer": "Server authorization response not valid",
    ]
}
