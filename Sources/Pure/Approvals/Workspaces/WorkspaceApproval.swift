package import InterlockJSON
package import InterlockModel

/// A signed approval of flagged changes of a run (docs/specs/sandbox.md, section 6). Its RFC 8785 bytes are signed under
/// the payload type `application/vnd.interlock.workspace+json`.
///
/// ```json
/// {"v":1,"type":"workspace","deed":"approve","id":"01kag0...","org":"acme","run":"01kag0...",
///  "base":"sha256:6e34...","entries":"sha256:9f2c...","count":2,"flags":["executes_later","new_executable"],
///  "until":"2026-11-20T11:04:05.123456Z","reason":"the build file is ours","author":"qAtv...",
///  "at":"2026-11-20T10:04:05.123456Z"}
/// ```
package typealias WorkspaceApproval = DatedOrder<WorkspaceApprovalContent>

package typealias VerifiedWorkspaceApproval = VerifiedOrder<WorkspaceApproval>

package struct WorkspaceApprovalContent: OrderContent {
    package typealias Refusal = WorkspaceApprovalRefusal
    package enum Action: String, Sendable, CaseIterable { case approve }

    /// The longest time for which an approval counts.
    package static let longest = Duration.seconds(24 * 3600)
    /// The time for which one counts if its signer chooses none.
    package static let usual = Duration.seconds(3600)
    /// The most flags that can be approved.
    private static let mostFlags = 16

    package let run: RunID
    /// The digest of the list of the project's entries at the start of the run.
    package let base: Digest
    /// SHA-256 of the JSON list of exactly the approved changes.
    package let entries: Digest
    /// The number of these changes, at least 1.
    package let count: Int
    /// The flags of these changes, in the order of the bytes, each once; at least one.
    package let flags: [String]
    package let until: Timestamp

    package static let payloadType = PayloadType.workspace
    package static var stale: WorkspaceApprovalRefusal? { .staleOrder }
    package static var takesPasskeys: Bool { true }

    package init(
        run: RunID, base: Digest, entries: Digest, count: Int, flags: some Sequence<String>,
        until: Timestamp
    ) {
        self.run = run
        self.base = base
        self.entries = entries
        self.count = count
        self.flags = Set(flags).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        self.until = until
    }

    package var action: Action { .approve }

    package func check() throws(FormError) {
        guard (1...Self.mostFlags).contains(flags.count) else {
            throw .badMember("flags", "1 to \(Self.mostFlags) flags")
        }
    }

    /// The service requires a seat among the agent's approvers, not a role.
    package func missingRole(of person: TrustedPerson) -> Role? { nil }

    package var members: JSONObject {
        [
            "deed": .string(action.rawValue), "run": .string(run.text),
            "base": .string(base.prefixed), "entries": .string(entries.prefixed),
            "count": .integer(Int64(count)), "flags": .array(flags.map(JSONValue.string)),
            "until": .string(until.rfc3339()),
        ]
    }

    package static func members(of statement: JSONValue) -> [String] {
        ["deed", "run", "base", "entries", "count", "flags", "until"]
    }

    package init(_ fields: StrictFields) throws(FormError) {
        _ = try fields.made("deed", "`approve`") { Action(rawValue: $0) }
        let flags = try fields.list("flags", count: 1...Self.mostFlags, "the name of a flag") {
            Self.isFlag($0) ? $0 : nil
        }
        self.init(
            run: try fields.made("run", "a run's id") { RunID($0) },
            base: try fields.made("base", "a digest") { Digest(prefixed: $0) },
            entries: try fields.made("entries", "a digest") { Digest(prefixed: $0) },
            count: Int(try fields.integer("count", in: 1...4_000_000)), flags: flags,
            until: try fields.time("until", fractionDigits: 6))
        guard self.flags == flags else { throw .badMember("flags", "flags in their order") }
    }

    private static func isFlag(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                $0 == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
            }
    }
}

/// The reason why flagged changes of a run are not approved, or not applied.
package enum WorkspaceApprovalRefusal: SignedOrderRefusal, Hashable, Sendable,
    CustomStringConvertible
{
    case order(OrderRefusal)
    /// The order was signed too long ago or in the future, was taken before, or counts for too long.
    case staleOrder
    case noSuchRun
    /// The run is not over, or a command works on its changes.
    case notOver
    case notApprover(WorkspaceApprovers.Exclusion)
    /// The credential is new and does not approve at tier high before this time.
    case tooNew(Timestamp)
    /// Enough people have approved neither these changes nor these flags.
    case unapproved(have: Int, need: Int)
    /// Two people approve at tier high, and neither by passkey.
    case needsPasskey
    /// The selection has no change with a flag, or one that is never applied.
    case nothingToApprove(String)
    case tooMany
    case notRead(String)
    case notRecorded(String)

    package init(_ refusal: OrderRefusal) { self = .order(refusal) }

    package var copy: PasskeyID? {
        if case .order(let refusal) = self { refusal.copy } else { nil }
    }

    package var description: String {
        switch self {
        case .order(let refusal): "\(refusal)"
        case .staleOrder: Self.staleWords
        case .noSuchRun: "no such run has changes here"
        case .notOver: "the run is not over, or a command works on its changes"
        case .notApprover(let exclusion): "\(exclusion)"
        case .tooNew(let end): "the key or passkey approves at tier high from \(end.rfc3339()) on"
        case .unapproved(let have, let need):
            "\(have) of \(need) people have approved exactly these flagged changes"
        case .needsPasskey: "one of the approvals at tier high must be by passkey"
        case .nothingToApprove(let reason): reason
        case .tooMany: "too many approvals of this run wait"
        case .notRead(let reason): "the changes cannot be read: \(reason)"
        case .notRecorded(let code): "the log did not take it: \(code)"
        }
    }
}
