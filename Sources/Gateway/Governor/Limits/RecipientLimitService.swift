import InterlockJSON
package import InterlockLimits
package import InterlockModel
import InterlockMonitoring
package import InterlockPorts
import Synchronization

/// Limits the different recipients that agents name to tools. A recipient counts from the intent of its call, whether or
/// not the call is sent then, and is durable before.
///
/// INVARIANT: in no window an agent names more different recipients to a tool than the limit, also over a restart. Kept by
/// `RecipientWindowTests`, `RecipientLimitTests`, `test_recipient_limit.py`.
package final class RecipientLimitService: Sendable {
    private struct Key: Hashable {
        let agent: AgentName
        let tool: ToolAddress
    }
    private let plan: [ToolAddress: RecipientLimit]
    private let store: (any RecipientStore)?
    private let digest: @Sendable ([UInt8]) -> Digest
    private let windows = Mutex<[Key: RecipientWindow]>([:])

    /// The reason why the recipients of a call are not counted.
    enum Failure: Error {
        case exceeded(LimitExceeded)
        /// The arguments name no recipient at the path, or more than are read.
        case unreadable(String)
        case notStored(String)
    }

    /// - Parameter digest: a keyed digest, the same in each process.
    package init(
        _ plan: [ToolAddress: RecipientLimit], store: any RecipientStore,
        digest: @escaping @Sendable ([UInt8]) -> Digest
    ) {
        self.plan = plan
        self.store = store
        self.digest = digest
    }

    /// Limits nothing.
    package init() {
        plan = [:]
        store = nil
        digest = { _ in Digest(words: (0, 0, 0, 0)) }
    }

    /// Reads the recipients that were named before this process started. Must end before the first call.
    package func restore(at now: Timestamp) async throws(StoreFailure) {
        guard let store, !plan.isEmpty else { return }
        let longest = plan.values.map(\.most.seconds).max() ?? 0
        let found = try await store.recipients(since: now - .seconds(longest))
        windows.withLock { windows in
            for one in found where plan[one.tool] != nil {
                windows[Key(agent: one.agent, tool: one.tool), default: RecipientWindow()]
                    .restore(one.digest, at: one.at)
            }
        }
    }

    /// Returns whether the recipients of a tool are limited.
    func limits(_ tool: ToolAddress) -> Bool { !plan.isEmpty && plan[tool] != nil }

    /// Counts the recipients of a call whose tool has a limit. Durable on return. After an error they are counted in memory:
    /// the next call that names them stores them.
    func take(
        _ arguments: JSONValue, of agent: AgentName, to tool: ToolAddress, at now: Timestamp
    ) async throws(Failure) {
        guard let limit = plan[tool], let store else { return }
        let name = Self.name(of: tool)
        let recipients = ArgumentTraits.recipients(in: arguments, at: limit.path)
        guard !recipients.isEmpty, recipients.count < ArgumentTraits.mostRecipients else {
            throw .unreadable(name)
        }
        let digests = Set(
            recipients.map { digest(Array("\(agent.text)\u{0}\(tool)\u{0}\($0)".utf8)) })
        let key = Key(agent: agent, tool: tool)
        let fresh: [Digest]
        do throws(LimitExceeded) {
            fresh = try windows.withLock { windows throws(LimitExceeded) in
                try windows[key, default: RecipientWindow()].take(
                    digests, limit, named: name, at: now)
            }
        } catch { throw .exceeded(error) }
        guard !fresh.isEmpty else { return }
        do throws(StoreFailure) {
            try await store.keep(
                recipients: fresh.map {
                    NamedRecipient(agent: agent, tool: tool, digest: $0, at: now)
                }, removingBefore: now - .seconds(86_400))
        } catch { throw .notStored(error.reason) }
        windows.withLock { $0[key]?.store(fresh, at: now) }
    }

    /// Returns the number of recipients in the window of each limit, by tool.
    package func status(
        of agent: AgentName, at now: Timestamp
    ) -> [(tool: ToolAddress, limit: RecipientLimit, taken: Int64)] {
        windows.withLock { windows in
            plan.sorted { $0.key < $1.key }.map { tool, limit in
                let window = windows[Key(agent: agent, tool: tool)]
                return (tool, limit, Int64(window?.count(limit, at: now) ?? 0))
            }
        }
    }

    /// The name of the limit in refusals and lists.
    package static func name(of tool: ToolAddress) -> String { "recipients:\(tool)" }
}
