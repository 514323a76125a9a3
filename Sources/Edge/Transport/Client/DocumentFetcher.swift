package import InterlockJSON
import InterlockModel

/// The only way to fetch documents from addresses that others may have chosen: metadata, key sets, tokens
/// (docs/specs/mcp.md, section 9). Only https, only to addresses outside private networks; no redirects, no proxy, at
/// most 10 seconds and 1 MiB.
///
/// INVARIANT: nothing that others name is fetched from inside one's own networks. Kept by `DocumentFetcherTests`,
/// `InternetAddressTests`, `test_upstream_issuers.py`.
package struct DocumentFetcher: Sendable {
    package static let largest = 1 << 20
    private static let limit = Duration.seconds(10)

    private let clients: HTTPClients
    private let privateOrigins: Set<ExactText>
    private let authorities: TLSAuthorities?

    /// - Parameters:
    ///   - privateOrigins: origins named by an operator, in the form of `CanonicalURI.origin`. They may have private
    /// addresses, and http is accepted for them.
    ///   - authorities: certificate authorities in addition to those of the system.
    package init(
        clients: HTTPClients, privateOrigins: Set<ExactText>, authorities: TLSAuthorities? = nil
    ) {
        self.clients = clients
        self.privateOrigins = privateOrigins
        self.authorities = authorities
    }

    /// - Parameters:
    ///   - form: a body sent by POST, like `json`; with neither, the request is a GET.
    ///   - isPublicOnly: rejects private addresses even for an origin that an operator named.
    /// - Returns: the response with any status except a redirect, otherwise one sentence in lower case without the
    ///   URL.
    package func send(
        _ url: String, accept: String, form: [UInt8]? = nil, json: [UInt8]? = nil,
        authorization: String? = nil, isPublicOnly: Bool = false
    ) async -> Result<ClientResponse, ClientFailure> {
        var request = ClientRequest(
            method: form == nil && json == nil ? "GET" : "POST", url: url,
            headers: [("Accept", accept)], body: form ?? json ?? [], idleLimit: Self.limit,
            hardLimit: Self.limit,
            responseLimitBytes: Self.largest)
        if form != nil {
            request.headers.append(("Content-Type", "application/x-www-form-urlencoded"))
        } else if json != nil {
            request.headers.append(("Content-Type", "application/json"))
        }
        if let authorization { request.headers.append(("Authorization", authorization)) }
        let answer = await answer(to: request, isPublicOnly: isPublicOnly)
        if case .success(let response) = answer, (300..<400).contains(response.head.status) {
            return .failure(
                ClientFailure(.broken, wasSent: true, "it is a redirect, which is not followed"))
        }
        return answer
    }

    /// Sends JSON whose response body is not used.
    ///
    /// - Returns: the status of the response, including a redirect.
    package func deliver(
        _ json: [UInt8], to url: String, _ headers: [(name: String, value: String)]
    ) async -> Result<Int, ClientFailure> {
        await post(json, to: url, headers).map(\.status)
    }

    /// The response to a document that was sent.
    package struct PostResponse: Sendable {
        /// Any status, including that of a redirect.
        package let status: Int
        package let body: [UInt8]
        /// The field `Retry-After`, if it is a number of seconds.
        package let retryAfterSeconds: Int?
    }

    /// Sends JSON.
    package func post(
        _ json: [UInt8], to url: String, _ headers: [(name: String, value: String)]
    ) async -> Result<PostResponse, ClientFailure> {
        var request = ClientRequest(
            url: url, headers: [("Content-Type", "application/json")] + headers, body: json,
            idleLimit: Self.limit, hardLimit: Self.limit, responseLimitBytes: Self.largest)
        request.keepsFields = true
        return await answer(to: request, isPublicOnly: false).map { response in
            PostResponse(
                status: response.head.status, body: response.body,
                retryAfterSeconds: response.head.fields.first { $0.name == "retry-after" }
                    .flatMap { Int($0.value) })
        }
    }

    private func answer(
        to request: ClientRequest, isPublicOnly: Bool
    ) async -> Result<ClientResponse, ClientFailure> {
        guard let address = Self.address(of: request.url) else {
            return .failure(refusal("its URL is malformed"))
        }
        let isNamed = !isPublicOnly && privateOrigins.contains(address.origin)
        guard address.isSecure || isNamed else { return .failure(refusal("its URL is not https")) }
        var prepared = request
        prepared.isPublicOnly = !isNamed
        prepared.authorities = authorities
        let final = prepared
        return await clients.onLoop { await $0.send(final) }
    }

    /// - Returns: nil if the URL is not an http URL, or has a user or a fragment.
    private static func address(of url: String) -> CanonicalURI? {
        let parts = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.allSatisfy({ part in !part.utf8.contains { $0 <= 0x20 || $0 >= 0x7f } }),
            !url.utf8.contains(UInt8(ascii: "#"))
        else { return nil }
        return CanonicalURI(url: String(parts[0]))
    }

    private func refusal(_ reason: String) -> ClientFailure {
        ClientFailure(.broken, wasSent: false, reason)
    }
}
