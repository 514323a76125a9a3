import InterlockEgress

extension Invariants {
    /// A host is refused or has one canonical form, which is read as itself and has no byte that another reader could
    /// cut at.
    package static func egressHost(_ bytes: [UInt8]) {
        guard let host = try? EgressHost(canonical: bytes) else { return }
        precondition(bytes.allSatisfy { $0 > 0x20 && $0 < 0x7f }, "a host is visible ASCII")
        precondition((try? EgressHost("\(host)")) == host, "a canonical host is itself")
        if let address = host.address {
            precondition(IPAddress(bytes: address.bytes) == address, "an address is its bytes")
        } else {
            precondition(host.nameBytes.count <= EgressHost.longestName, "a name has a limit")
            precondition(IPAddress(dottedQuad: host.nameBytes) == nil, "a name is no address")
        }
        // A rule for the host matches it, and a rule for the names below it does not.
        let text = "\(host)"
        let exact = try? EgressRule(host: text, transport: .tcp)
        precondition(exact?.matches(host) == true, "a host is matched by its own rule")
        if let below = try? EgressRule(host: "*." + text) {
            precondition(!below.matches(host), "a pattern is not its own name")
        }
    }

    /// A head is refused, or is one request to one canonical target, however the bytes arrive.
    package static func proxyHead(_ bytes: [UInt8]) {
        let whole = readHead(bytes, pieceBytes: max(1, bytes.count))
        precondition(readHead(bytes, pieceBytes: 1) == whole, "single bytes make no difference")
        checkOwnHead(bytes)
        guard case .success(let request?) = whole, case .forward(let sent) = request else { return }
        let lines = sent.head.split(separator: 10, omittingEmptySubsequences: false)
        precondition(
            lines.dropLast().allSatisfy { $0.last == 13 && !$0.dropLast().contains(13) },
            "lines end with CRLF")
        let fields = lines.map { String(decoding: $0, as: UTF8.self).lowercased() }
        precondition(fields.count { $0.hasPrefix("host:") } == 1, "there is one host")
        precondition(fields.count { $0.hasPrefix("content-length:") } <= 1, "one length")
        precondition(!fields.contains { $0.hasPrefix("transfer-encoding:") }, "no coding")
        precondition(fields.count { $0 == "\r" } == 1, "one empty line")
        precondition(!fields.contains { $0.hasPrefix("expect:") }, "the proxy answers Expect")
        let searched = SentRequest(head: sent.head, body: [])
        precondition(searched?.target.first == "/", "a target in origin form is searched")
        let isCoded = fields.contains { $0.hasPrefix("content-encoding:") }
        let texts = searched?.texts
        precondition(texts != nil || isCoded, "the texts of a request are searched")
        // The texts of several fields together follow.
        precondition(texts.map { $0.count >= fields.count - 3 } ?? true, "all but its host")
    }

    /// The head for one of the proxy's own routes is in origin form and names the same route.
    private static func checkOwnHead(_ bytes: [UInt8]) {
        var reader = ProxyHeadReader()
        guard let reading = try? reader.read(bytes), case .own(let route) = reading.request else {
            return
        }
        var again = ProxyHeadReader()
        let sent = try? again.read(reading.head)
        precondition(sent?.request == .own(route), "the route stays the same")
        precondition(sent?.head == reading.head, "the head is in origin form")
    }

    private static func readHead(
        _ bytes: [UInt8], pieceBytes: Int
    ) -> Result<ProxyRequest?, EgressRefusal> {
        var reader = ProxyHeadReader()
        do throws(EgressRefusal) {
            for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
                let piece = bytes[start..<min(bytes.count, start + pieceBytes)]
                if let reading = try reader.read(piece) {
                    precondition(
                        reading.head.count <= ProxyHeadReader.limitBytes, "a head has a limit")
                    return .success(reading.request)
                }
            }
            return .success(nil)
        } catch {
            return .failure(error)
        }
    }

    /// A conversation of SOCKS5 is refused, or asks for one canonical target, however the bytes arrive.
    package static func socks(_ bytes: [UInt8]) {
        let whole = readSOCKS(bytes, pieceBytes: max(1, bytes.count))
        precondition(readSOCKS(bytes, pieceBytes: 1) == whole, "single bytes make no difference")
        let password = readPassword(bytes, pieceBytes: max(1, bytes.count))
        precondition(
            readPassword(bytes, pieceBytes: 1) == password, "single bytes make no difference")
    }

    /// - Returns: whether the password of a conversation is right; nil if it is not complete.
    private static func readPassword(
        _ bytes: [UInt8], pieceBytes: Int
    ) -> Result<Bool?, EgressRefusal> {
        guard let password = ProxyPassword("x") else { return .success(nil) }
        var reader = SOCKSPasswordReader(password)
        do throws(EgressRefusal) {
            for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
                var event = try reader.read(bytes[start..<min(bytes.count, start + pieceBytes)])
                if event == .greeted { event = try reader.read([]) }
                switch event {
                case .needMore, .greeted: continue
                case .noMethod, .refused: return .success(false)
                case .accepted:
                    let isSent = bytes.indices.contains {
                        bytes[$0...].starts(with: [1, 3, 114, 117, 110, 1, 120])
                    }
                    precondition(isSent, "no other password is right")
                    return .success(true)
                }
            }
            return .success(nil)
        } catch { return .failure(error) }
    }

    private static func readSOCKS(
        _ bytes: [UInt8], pieceBytes: Int
    ) -> Result<EgressTarget?, EgressRefusal> {
        var reader = SOCKSReader()
        do throws(EgressRefusal) {
            for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
                let piece = bytes[start..<min(bytes.count, start + pieceBytes)]
                var event = try reader.read(piece)
                if event == .greeted { event = try reader.read([]) }
                switch event {
                case .needMore, .greeted: continue
                case .noMethod: return .success(nil)
                case .target(let target, _):
                    precondition(target.port > 0, "a target has a port")
                    return .success(target)
                }
            }
            return .success(nil)
        } catch {
            return .failure(error)
        }
    }

    /// A ClientHello is refused or read, however the bytes arrive; it is accepted for at most one host.
    package static func clientHello(_ bytes: [UInt8]) {
        let whole = readHello(bytes, pieceBytes: max(1, bytes.count))
        precondition(readHello(bytes, pieceBytes: 1) == whole, "single bytes make no difference")
        guard case .success(let hello?) = whole, let name = hello.serverName,
            let host = try? EgressHost(canonical: name), (try? hello.require(host, .allow)) != nil
        else { return }
        precondition(!hello.isAmbiguous, "there is one name")
        precondition(name.count == host.nameBytes.count, "no byte of the name is lost")
    }

    private static func readHello(
        _ bytes: [UInt8], pieceBytes: Int
    ) -> Result<ClientHello?, EgressRefusal> {
        var reader = ClientHelloReader()
        do throws(EgressRefusal) {
            for start in stride(from: 0, to: bytes.count, by: pieceBytes) {
                let piece = bytes[start..<min(bytes.count, start + pieceBytes)]
                if let hello = try reader.read(piece) { return .success(hello) }
                precondition(
                    reader.received.count < ClientHelloReader.limitBytes, "a hello has a limit")
            }
            return .success(nil)
        } catch {
            return .failure(error)
        }
    }

    /// An answer of a resolver is refused, or has addresses of the type that was asked for.
    package static func dns(_ bytes: [UInt8]) {
        guard let host = try? EgressHost("a.example") else { return }
        let id = bytes.count < 2 ? 0 : UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        for type in DNSQueryType.allCases {
            guard let query = DNSQuery(id: id, host: host, type: type),
                let answer = try? DNSReader.read(bytes, answering: query)
            else { continue }
            precondition(answer.aliases <= CheckedAddresses.mostAliases, "few aliases")
            precondition(
                answer.addresses.allSatisfy { $0.isIPv4 == (type == .a) }, "one type of address")
            guard
                let checked = try? CheckedAddresses(
                    answer.addresses, aliases: answer.aliases, allowsPrivate: false)
            else { continue }
            precondition(
                answer.addresses.allSatisfy { AddressClass(of: $0) == nil }, "all are public")
            precondition(!checked.addresses.isEmpty, "there is one to connect to")
        }
    }
}
