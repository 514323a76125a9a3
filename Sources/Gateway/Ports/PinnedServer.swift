package import InterlockModel
import Synchronization

/// A server that is known by its key: another node of the cluster (docs/specs/cluster.md, section 11).
package struct PinnedServer: Hashable, Sendable {
    /// A host and a port, as in a URL.
    package let authority: String
    /// SHA-256 of the SubjectPublicKeyInfo of its TLS key.
    package let key: Digest
    /// The only URI name of its certificate.
    package let uri: String

    package init(authority: String, key: Digest, uri: String) {
        self.authority = authority
        self.key = key
        self.uri = uri
    }
}

/// Sends requests to servers that are known by their keys, with the certificate of this node.
package protocol PinnedCaller: Sendable {
    /// Posts a JSON body and waits at most `limit` for the whole response, which may have `limitBytes`. Nothing is sent
    /// unless the key, the name and the validity of the server's certificate are as they must be. Redirects are returned
    /// as responses.
    func post(
        _ body: [UInt8], to server: PinnedServer, path: String, limitBytes: Int,
        within limit: Duration
    ) async -> PinnedResponse

    /// Posts bytes and passes the response on as it comes, to its end. Nothing is sent unless the server is the one that it
    /// must be.
    ///
    /// - Parameter idle: the longest time without a byte in either direction.
    func stream(
        _ body: [UInt8], to server: PinnedServer, path: String, idle: Duration,
        control: StreamControl, _ sink: any ResponseSink
    ) async -> StreamEnd
}

package enum PinnedResponse: Sendable, Equatable {
    case answer(status: Int, body: [UInt8])
    /// There is no response, or it is late, oversized or not HTTP; with one sentence.
    case failed(String)
}

/// Receives the response to a streamed request, piece by piece and in order. Must not block.
package protocol ResponseSink: AnyObject, Sendable {
    /// - Parameter headers: names in lower case, in order of arrival.
    func begin(status: Int, headers: [(name: String, value: String)])
    func receive(_ bytes: [UInt8])
}

/// The end of a streamed request.
package enum StreamEnd: Sendable, Equatable {
    /// The response is complete.
    case complete
    /// - Parameter wasSent: true if the server may have received the request; false is certain.
    case failed(wasSent: Bool, String)
}

/// Cancels one streamed request. Safe from any thread.
package final class StreamControl: Sendable {
    private struct State {
        var isCancelled = false
        var handler: (@Sendable () -> Void)?
    }
    private let state = Mutex(State())

    package init() {}

    package var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Ends the request, also one that begins later.
    package func cancel() {
        let handler = state.withLock { state in
            state.isCancelled = true
            defer { state.handler = nil }
            return state.handler
        }
        handler?()
    }

    /// Runs the handler when the request is cancelled; at once if it was.
    package func onCancel(_ handler: @escaping @Sendable () -> Void) {
        let isCancelled = state.withLock { state in
            if !state.isCancelled { state.handler = handler }
            return state.isCancelled
        }
        if isCancelled { handler() }
    }
}
