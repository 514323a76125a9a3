import InterlockMCP
import InterlockModel

/// Finds who issues tokens for a server, and what that issuer says of itself (specs of MCP, section 8.2).
struct IssuerDiscovery: Sendable {
    private let fetch: OAuthFetch

    init(fetch: @escaping OAuthFetch) { self.fetch = fetch }

    /// - Parameter hint: where the server said that its metadata is. At another origin than the server's own it
    ///   must be a public one, or a server could have any private origin asked for any path.
    /// - Returns: nil where the server has no metadata: then nothing contradicts the configured issuer.
    func resource(
        _ resource: CanonicalURI, hint: String?
    ) async throws(KeyFailure) -> ResourceMetadata? {
        let isForeign = hint.map { !Self.isOwn($0, of: resource) } ?? false
        for place in hint.map({ [$0] }) ?? ResourceMetadata.places(of: resource) {
            guard let bytes = try await document(place, isPublicOnly: isForeign) else { continue }
            do throws(MetadataFault) {
                return try ResourceMetadata(parsing: bytes, of: resource)
            } catch {
                throw KeyFailure(.malformed, "the server's metadata does not count: \(error)")
            }
        }
        guard hint == nil else {
            throw KeyFailure(.missing, "the server's metadata is not where the server says")
        }
        return nil
    }

    func issuer(
        _ issuer: String, for grant: IssuerMetadata.Grant
    ) async throws(KeyFailure) -> IssuerMetadata {
        for place in IssuerMetadata.places(of: issuer) {
            guard let bytes = try await document(place) else { continue }
            do throws(MetadataFault) {
                return try IssuerMetadata(parsing: bytes, of: issuer, for: grant)
            } catch {
                throw KeyFailure(.malformed, "the issuer's metadata does not count: \(error)")
            }
        }
        throw KeyFailure(.missing, "the issuer has no metadata at the known places")
    }

    private static func isOwn(_ url: String, of resource: CanonicalURI) -> Bool {
        CanonicalURI(url: String(url.prefix { $0 != "?" }))?.origin == resource.origin
    }

    /// - Returns: nil where there is none; an outage is an error, because it says nothing.
    private func document(
        _ url: String, isPublicOnly: Bool = false
    ) async throws(KeyFailure) -> [UInt8]? {
        let message = OAuthMessage(
            url: url, form: nil, authorization: nil, isPublicOnly: isPublicOnly)
        switch await fetch(message) {
        case .failure(let failure): throw failure
        case .success(let reply):
            if reply.status == 200 { return reply.body }
            guard (400..<500).contains(reply.status), reply.status != 408, reply.status != 429
            else {
                throw KeyFailure(.io, "metadata was asked for and status \(reply.status) came")
            }
            return nil
        }
    }
}
