import Glibc
import InterlockHooks

/// One request on one connection. Nothing here bounds time: the watchdog ends the process.
enum GatewayConnection {
    static func ask(_ endpoint: HookEndpoint, _ event: [UInt8]) throws(AdapterFailure) -> [UInt8] {
        let descriptor = connected(endpoint)
        guard descriptor >= 0 else { throw .unreachable }
        try send(descriptor, endpoint.request(event))
        var reader = HookResponseReader()
        var part = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe recv(descriptor, &part, part.count, 0)
            guard count > 0 else { throw .lost }
            do throws(HookResponseError) {
                if let body = try reader.read(part[..<count]) { return body }
            } catch { throw .response(error) }
        }
    }

    private static func send(_ descriptor: Int32, _ bytes: [UInt8]) throws(AdapterFailure) {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[sent...])
                return unsafe Glibc.send(
                    descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw .lost }
            sent += count
        }
    }

    /// Returns a negative number if nothing accepts connections at the endpoint.
    private static func connected(_ endpoint: HookEndpoint) -> Int32 {
        switch endpoint {
        case .socket(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let name = Array(path.utf8)
            guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return -1 }
            unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
            return connected(AF_UNIX, address)
        case .route(let port, _):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            return connected(AF_INET, address)
        }
    }

    private static func connected<Address>(_ family: Int32, _ address: Address) -> Int32 {
        let descriptor = socket(
            family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return -1 }
        let result = unsafe withUnsafeBytes(of: address) { bytes in
            unsafe connect(
                descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress,
                socklen_t(bytes.count))
        }
        return result == 0 ? descriptor : -1
    }
}
