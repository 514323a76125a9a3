import InterlockJSON
import InterlockKeys
import InterlockTransport

extension DocumentFetcher {
    /// As `authorization` says.
    ///
    /// - Parameter origins: which may have private addresses besides those of the setting.
    /// - Throws: exit 65 with setting, file, cause and remedy, where `ca` is no certificate.
    init(
        _ deployment: Deployment, loops: LoopGroup, and origins: [String] = []
    ) throws(Failure) {
        let settings = deployment.configuration.authorization
        self.init(
            clients: HTTPClients(loops: loops),
            privateOrigins: Set(texts: settings.privateOrigins + origins),
            authorities: try TLSAuthorities.read(
                deployment, settings.authorities, setting: "authorization.ca"))
    }
}

extension TLSAuthorities {
    /// - Parameters:
    ///   - value: a path, as the setting has it; empty where there is none.
    ///   - setting: its name, for messages.
    static func read(
        _ deployment: Deployment, _ value: String, setting: String
    ) throws(Failure) -> TLSAuthorities? {
        guard !value.isEmpty else { return nil }
        let path = deployment.resolve(value)
        let pem: [UInt8]
        do throws(KeyFailure) {
            pem = try PEMFile.read(File.realPath(path) ?? path, isSecret: false)
        } catch {
            throw Failure(.data, "`\(setting)`: \(error.reason)", help: error.help)
        }
        do throws(TLSFailure) { return try TLSAuthorities(pem: pem) } catch {
            throw Failure(.data, "`\(setting)` \(path): \(error.reason)", help: error.help)
        }
    }
}
