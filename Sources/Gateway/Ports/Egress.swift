package import InterlockEgress
package import InterlockModel

// The ports of the proxy through which a run reaches the network (docs/specs/sandbox.md, section 7).

/// Decides about the connections of one run and records them.
///
/// Each connection is one call: first `decide`; then either `refused`, once, or `connecting` and `closed`, once each,
/// in this order. For an address `open` takes the place of `decide` and `connecting`. A connection that ends before anything was asked for has neither.
package protocol EgressAuthorizer: Sendable {
    /// Decides from one policy snapshot, before any name is looked up. Nothing is recorded yet.
    func decide(_ attempt: EgressAttempt) async -> EgressDecision

    /// Decides about an address, checks it against the rule, and records that the connection is allowed, as `connecting`
    /// does: the record is durable if this allows. The default asks the two questions one after the other.
    func open(_ attempt: EgressAttempt) async -> EgressDecision

    /// Records that a name was resolved; must return at once.
    func resolved(_ lookup: EgressLookup)

    /// Records that the connection is allowed. Returns nil once the record is durable: the proxy sends nothing to the
    /// server, not even a request to connect, before that. Otherwise returns the reason for which it is refused after
    /// all: `auditUnavailable`, or a halt since `decide`.
    func connecting(_ connection: EgressConnection) async -> EgressReason?

    /// Records that the connection was refused.
    func refused(_ attempt: EgressAttempt?, _ refusal: EgressRefusal) async

    /// Records the outcome of a connection that `connecting` allowed.
    func closed(_ connection: EgressConnection, _ outcome: EgressOutcome) async
}

extension EgressAuthorizer {
    package func open(_ attempt: EgressAttempt) async -> EgressDecision {
        let rule: EgressRule
        switch await decide(attempt) {
        case .allow(let found): rule = found
        case .deny(let refusal): return .deny(refusal)
        }
        do throws(EgressRefusal) {
            guard let address = attempt.target.host.address else {
                throw EgressRefusal(.badRequest, "only an address is opened at once")
            }
            let checked = try CheckedAddresses([address], allowsPrivate: rule.allowsPrivate)
            let connection = EgressConnection(
                attempt: attempt, rule: rule, addresses: checked.addresses,
                hasEncryptedHello: false)
            if let reason = await connecting(connection) {
                throw EgressRefusal(reason, "the connection was not recorded as allowed")
            }
            return .allow(rule)
        } catch { return .deny(error) }
    }
}

/// A connection that was asked for.
package struct EgressAttempt: Hashable, Sendable {
    /// The run, which the listener itself proves.
    package let run: RunID
    /// Numbers the connections of a run from 1.
    package let number: UInt64
    package let target: EgressTarget
    package let access: EgressAccess
    /// The provider of a request to `/model/<name>/`; nil for every other connection.
    package let model: ModelDestination?

    package init(
        run: RunID, number: UInt64, target: EgressTarget, access: EgressAccess,
        model: ModelDestination? = nil
    ) {
        self.run = run
        self.number = number
        self.target = target
        self.access = access
        self.model = model
    }
}

package enum EgressDecision: Equatable, Sendable {
    case allow(EgressRule)
    case deny(EgressRefusal)
}

/// A name that was resolved.
package struct EgressLookup: Sendable {
    package let attempt: EgressAttempt
    package let rule: EgressRule
    /// Is empty if the name was not resolved.
    package let answers: [IPAddress]
    package let aliases: Int
    package let milliseconds: Int64

    package init(
        attempt: EgressAttempt, rule: EgressRule, answers: [IPAddress], aliases: Int,
        milliseconds: Int64
    ) {
        self.attempt = attempt
        self.rule = rule
        self.answers = answers
        self.aliases = aliases
        self.milliseconds = milliseconds
    }
}

/// The part of what a connection sends that is known before it is made.
package enum EgressContent: Sendable, Hashable {
    /// Nothing: a tunnel, or a connection of a server's child.
    case unread
    /// The prompt context of a request to a model.
    case prompt(ModelPrompt)
    /// The whole request of plain HTTP, which is searched before the connection is allowed.
    case request(SentRequest)
}

/// A connection that passed all checks.
package struct EgressConnection: Sendable {
    package let attempt: EgressAttempt
    package let rule: EgressRule
    /// The addresses that may be tried, in this order; all were checked.
    package let addresses: [IPAddress]
    /// True if the ClientHello has an encrypted part, which the rule allows.
    package let hasEncryptedHello: Bool
    package let content: EgressContent

    package init(
        attempt: EgressAttempt, rule: EgressRule, addresses: [IPAddress], hasEncryptedHello: Bool,
        content: EgressContent = .unread
    ) {
        self.attempt = attempt
        self.rule = rule
        self.addresses = addresses
        self.hasEncryptedHello = hasEncryptedHello
        self.content = content
    }
}

/// The end of a connection.
package struct EgressOutcome: Sendable {
    package enum End: Equatable, Sendable {
        /// Both sides closed.
        case finished
        /// No address accepted the connection; the error number of the last one, or 0 if none answered in time.
        case unreachable(Int32)
        /// A side broke off.
        case broken
        /// No byte was transferred for the idle limit.
        case idle
        /// The rule's `max_bytes_up` is used up.
        case limit
        /// The proxy was stopped.
        case stopped
    }
    package let end: End
    /// The address that accepted the connection, or nil.
    package let address: IPAddress?
    package let bytesUp: UInt64
    package let bytesDown: UInt64
    package let milliseconds: Int64
    /// The answer of a model, or nil if there was none.
    package let answer: ModelAnswer?

    package init(
        end: End, address: IPAddress?, bytesUp: UInt64, bytesDown: UInt64, milliseconds: Int64,
        answer: ModelAnswer? = nil
    ) {
        self.end = end
        self.address = address
        self.bytesUp = bytesUp
        self.bytesDown = bytesDown
        self.milliseconds = milliseconds
        self.answer = answer
    }
}

/// Resolves the names of targets. A caller asks once for each connection, after a rule admitted the name, and waits at
/// most its own time limit.
package protocol EgressResolver: Sendable {
    /// - Parameter host: a name.
    /// - Throws: `dns-failure`.
    func resolve(_ host: EgressHost) async throws(EgressRefusal) -> EgressAnswers
}

package struct EgressAnswers: Equatable, Sendable {
    /// All addresses of the name, as the resolver returned them.
    package let addresses: [IPAddress]
    /// The number of CNAME records that led to them, or 0 if the resolver does not report it.
    package let aliases: Int

    package init(addresses: [IPAddress], aliases: Int = 0) {
        self.addresses = addresses
        self.aliases = aliases
    }
}
