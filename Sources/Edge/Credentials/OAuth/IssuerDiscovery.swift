import InterlockMCP
import InterlockModel

/// Finds the issuer of tokens for a server and reads the issuer's metadata (docs/specs/mcp.md, section 8.2).
struct IssuerDiscovery: Sendable {
    private let fetch: OAuthFetch

    init(fetch: @escaping OAuthFetch) { self.fetch = fetch }

    /// - Parameter hint: the URL at which the server says its metadata is. If its origin is not the server's own, it
    ///   must be public; otherwise a server could have any private origin queried at any path.
    /// - Returns: nil if the server has no metadata: nothing then contradicts the configured issuer.
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

    /// - Returns: nil if the document does not exist. An outage is an error, because it proves nothing.
    private func document(
        _ url: String, isPublicOnly: Bool = false
    ) async throws(KeyFailure) -> [UInt8]? {
        let message = OAuthMessage(
            url: url, form: nil, authorization: nil, isPublicOnly: isPublicOnly)
        let reply = try await fetch(message).get()
        if reply.status == 200 { return reply.body }
        guard (400..<500).contains(reply.status), reply.status != 408, reply.status != 429 else {
            throw KeyFailure(.io, "metadata was asked for and status \(reply.status) came")
        }
        return nil
    }
}
