package import InterlockAlerts

/// Fetches a channel's secret for each attempt, so a rotated secret takes effect at once. A failure must not contain
/// the secret.
package typealias ChannelSecret = @Sendable () async -> Result<String, ChannelSecretFailure>

package struct ChannelSecretFailure: Error, Sendable {
    /// One line in lower case.
    package let reason: String
    package init(reason: String) { self.reason = reason }
}

extension DeliveryResult {
    /// The result of one HTTP delivery: from the status of the response, or a failure if no response arrived.
    package init(_ answer: Result<Int, ClientFailure>) {
        switch answer {
        case .success(let status): self.init(status: status)
        case .failure(let failure): self = .failed(failure.reason)
        }
    }
}
