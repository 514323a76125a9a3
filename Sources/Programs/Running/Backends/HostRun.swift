import CLinux
import Glibc
import InterlockCommandLine
import InterlockCredentials
import InterlockEgress
import InterlockPolicy
import InterlockPorts
import InterlockSandbox
import InterlockWorkspaceFiles

/// The parts of a run that shares the host's tree and network: its own home and temporary folder, and, for isolation
/// `reduced`, two listening sockets on the loopback with a password (docs/specs/sandbox.md, section 10).
struct HostRun {
    /// The listening sockets of HTTP and of SOCKS5, which the proxy closes; nil if there is no proxy.
    let listeners: (http: Int32, socks: Int32)?
    let password: ProxyPassword?
    /// The form of the run, with the ports that can be connected to.
    let form: SandboxForm
    private let proxy: (http: String, socks: String)?

    /// - Returns: nil for a form with namespaces.
    /// - Throws: a refusal if there is no socket.
    init?(_ form: SandboxForm) throws(RunRefusal) {
        guard !form.hasNamespaces else { return nil }
        guard case .reduced = form else {
            self.form = form
            (listeners, password, proxy) = (nil, nil, nil)
            return
        }
        let digits = SystemEntropy().bytes(16).map { byte in
            String(UInt16(byte) + 256, radix: 16).dropFirst()
        }
        guard let http = Self.listen(), let socks = Self.listen(),
            let password = ProxyPassword(digits.joined())
        else { throw RunRefusal(RunExit.setup, "listeners", "there is no port for the proxy") }
        listeners = (http.descriptor, socks.descriptor)
        self.password = password
        self.form = .reduced(ports: [http.port, socks.port])
        let user = "\(ProxyPassword.user):\(password.text)@127.0.0.1"
        proxy = ("http://\(user):\(http.port)", "socks5h://\(user):\(socks.port)")
    }

    /// Makes the folders of the run.
    func make(_ folders: SandboxCompiler.Folders) throws(RunRefusal) {
        do throws(FileFailure) {
            for folder in [
                folders.layer, RunLayer.home(of: folders), RunLayer.temporary(of: folders),
            ] { try File.makeFolder(folder, mode: 0o700) }
        } catch { throw RunRefusal(RunExit.setup, "folders", error.message) }
    }

    /// Removes the home and the temporary files, once nothing of the run is left.
    func remove(_ folders: SandboxCompiler.Folders) {
        for folder in [RunLayer.home(of: folders), RunLayer.temporary(of: folders)] {
            do throws(WorkspaceFailure) { try RunFolder.discard(folder) } catch {
                Output.error("interlock: `\(folder)` cannot be removed: \(error.message)")
            }
        }
    }

    /// Returns the variables with the run's own folders and proxy.
    func variables(
        _ variables: [(name: String, value: String)], _ folders: SandboxCompiler.Folders
    ) -> [(name: String, value: String)] {
        variables.map { name, value in
            switch name.uppercased() {
            case "HOME": (name, RunLayer.home(of: folders))
            case "TMPDIR": (name, RunLayer.temporary(of: folders))
            case "HTTP_PROXY", "HTTPS_PROXY": (name, proxy?.http ?? value)
            case "ALL_PROXY": (name, proxy?.socks ?? value)
            default: (name, value)
            }
        }
    }

    /// Listens on a free port of 127.0.0.1.
    private static func listen() -> (descriptor: Int32, port: UInt16)? {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_INET, type, 0)
        guard descriptor >= 0 else { return nil }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = unsafe withUnsafeMutablePointer(to: &address) { place in
            unsafe place.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
                unsafe bind(descriptor, place, length) == 0
                    && Glibc.listen(descriptor, 128) == 0
                    && getsockname(descriptor, place, &length) == 0
            }
        }
        guard isListening else {
            close(descriptor)
            return nil
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }
}
