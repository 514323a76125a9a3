import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockTransport

extension DocumentFetcher {
    /// Makes a fetcher with the settings of `authorization`.
    ///
    /// - Parameter origins: origins that may have private addresses, in addition to those of the setting.
    /// - Throws: exit 65 with setting, file, cause and remedy if `ca` is not a certificate.
    init(_ deployment: Deployment, loops: LoopGroup, and origins: [String] = []) throws(Failure) {
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
    ///   - value: the path in the setting; empty if unset.
    ///   - setting: the setting's name, for messages.
    static func read(
        _ deployment: Deployment, _ value: String, setting: String
    ) throws(Failure) -> TLSAuthorities? {
        value.isEmpty ? nil : try read(deployment.resolve(value), setting: setting)
    }

    /// - Parameter setting: the name of the setting or option, for messages.
    static func read(_ path: String, setting: String) throws(Failure) -> TLSAuthorities {
        let pem: [UInt8]
        do throws(KeyFailure) {
            pem = try PEMFile.read(File.realPath(path) ?? path, isSecret: false)
        } catch { throw Failure(.data, "`\(setting)`: \(error.reason)", help: error.help) }
        do throws(TLSFailure) { return try TLSAuthorities(pem: pem) } catch {
            throw Failure(.data, "`\(setting)` \(path): \(error.reason)", help: error.help)
        }
    }
}
