/// The declared purpose of a run, as its credential states it.
package enum RunPurpose: Hashable, Sendable {
    /// Words that named no task when the credential was issued.
    case text(String)
    /// A task of the policy, as determined when the credential was issued. It stays the run's task whatever the policy
    /// becomes.
    case task(RunTaskName)

    package var text: String {
        switch self {
        case .text(let text): text
        case .task(let name): name.text
        }
    }

    package var task: RunTaskName? {
        switch self {
        case .text: nil
        case .task(let name): name
        }
    }
}
