package import InterlockAlerts

/// Gets a channel's secret anew for each try, so a rotated one counts at once; no failure shows a value.
package typealias ChannelSecret = @Sendable () async -> Result<String, ChannelSecretFailure>

package struct ChannelSecretFailure: Error, Sendable {
    /// One line, lower case.
    package let reason: String
    package init(reason: String) { self.reason = reason }
}

extension DeliveryResult {
    /// Of a request that came to no answer. What was refused before anything was sent was configured so.
    package init(_ answer: Result<Int, ClientFailure>) {
        switch answer {
        case .success(let status): self.init(status: status)
        case .failure(let failure): self = .failed(failure.reason)
        }
    }
}
