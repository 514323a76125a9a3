import CCurl

/// One of libcurl's easy handles: the settings that hold for all requests, and those of the one it
/// carries. Handles are used again, since making one costs more than a request.
@safe final class CurlHandle {
    let easy: UnsafeMutableRawPointer
    private var headers: UnsafeMutablePointer<curl_slist>?

    init?() {
        guard let easy = unsafe curl_easy_init() else { return nil }
        let numbers: [(CURLoption, Int)] = [
            (CURLOPT_NOSIGNAL, 1), (CURLOPT_FOLLOWLOCATION, 0), (CURLOPT_TCP_NODELAY, 1),
            (CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)), (CURLOPT_NETRC, 0),
            (CURLOPT_CONNECTTIMEOUT_MS, 5_000), (CURLOPT_BUFFERSIZE, 16_384),
            (CURLOPT_SSL_VERIFYPEER, 1), (CURLOPT_SSL_VERIFYHOST, 2),
            (CURLOPT_HTTP_TRANSFER_DECODING, 1), (CURLOPT_HTTP09_ALLOWED, 0),
        ]
        for (option, value) in numbers { _ = unsafe interlock_curl_set_long(easy, option, value) }
        // An empty proxy overrules the environment's.
        _ = unsafe interlock_curl_set_text(easy, CURLOPT_PROXY, "")
        _ = unsafe interlock_curl_set_text(easy, CURLOPT_NOPROXY, "*")
        _ = unsafe interlock_curl_set_text(easy, CURLOPT_PROTOCOLS_STR, "http,https")
        _ = unsafe interlock_curl_set_functions(
            easy,
            { bytes, size, count, context in
                guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
                let transfer = unsafe Unmanaged<HTTPTransfer>.fromOpaque(context)
                    .takeUnretainedValue()
                let buffer = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
                let taken = unsafe buffer.withMemoryRebound(to: UInt8.self) {
                    unsafe transfer.receive(body: $0.span)
                }
                return taken ? size * count : 0
            },
            { bytes, size, count, context in
                guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
                let transfer = unsafe Unmanaged<HTTPTransfer>.fromOpaque(context)
                    .takeUnretainedValue()
                let buffer = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
                unsafe buffer.withMemoryRebound(to: UInt8.self) {
                    unsafe transfer.receive(headerLine: $0.span)
                }
                return size * count
            },
            { context, _, _, _, _ in
                guard let context = unsafe context else { return CURL_PREREQFUNC_ABORT }
                let transfer = unsafe Unmanaged<HTTPTransfer>.fromOpaque(context)
                    .takeUnretainedValue()
                return transfer.aboutToSend() ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
            })
        unsafe self.easy = unsafe easy
    }

    deinit {
        unsafe curl_easy_cleanup(easy)
        unsafe curl_slist_free_all(headers)
    }

    /// - Returns: false when it must not be sent, because its addresses or certificates would not be judged.
    func prepare(_ request: ClientRequest, for transfer: HTTPTransfer) -> Bool {
        _ = unsafe interlock_curl_set_text(easy, CURLOPT_URL, request.url)
        if request.method == "GET" {
            _ = unsafe interlock_curl_set_long(easy, CURLOPT_HTTPGET, 1)
            _ = unsafe interlock_curl_set_text(easy, CURLOPT_CUSTOMREQUEST, nil)
        } else {
            _ = unsafe interlock_curl_set_long(easy, CURLOPT_POST, 1)
            _ = unsafe request.body.withUnsafeBytes { body in
                unsafe interlock_curl_set_body(easy, body.baseAddress, curl_off_t(body.count))
            }
            _ = unsafe interlock_curl_set_text(
                easy, CURLOPT_CUSTOMREQUEST, request.method == "POST" ? nil : request.method)
        }
        // No `Expect: 100-continue`: it would cost a round trip per call.
        unsafe headers = unsafe curl_slist_append(nil, "Expect:")
        for (name, value) in request.headers where Self.isPlain(name) && Self.isPlain(value) {
            unsafe headers = unsafe curl_slist_append(headers, "\(name): \(value)")
        }
        if !request.headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            unsafe headers = unsafe curl_slist_append(headers, "Content-Type:")
        }
        _ = unsafe interlock_curl_set_headers(easy, headers)
        let context = unsafe Unmanaged.passUnretained(transfer).toOpaque()
        _ = unsafe interlock_curl_set_context(easy, context)
        if let authorities = request.authorities {
            let code = unsafe authorities.pem.withUnsafeBytes { pem in
                unsafe interlock_curl_set_authorities(easy, pem.baseAddress, pem.count)
            }
            guard code == CURLE_OK else { return false }
        }
        guard request.isPublicOnly else { return true }
        return unsafe judgeAddresses(context)
    }

    /// From here on the transfer is asked before each connection.
    private func judgeAddresses(_ context: UnsafeMutableRawPointer) -> Bool {
        let code = unsafe interlock_curl_set_opener(
            easy,
            { context, _, address in
                guard let context = unsafe context, let address = unsafe address else { return -1 }
                var count = 0
                guard let bytes = unsafe interlock_curl_address(address, &count) else { return -1 }
                let transfer = unsafe Unmanaged<HTTPTransfer>.fromOpaque(context)
                    .takeUnretainedValue()
                let found = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
                guard transfer.judge(address: found) else { return -1 }
                let wanted = unsafe address.pointee
                return SocketCalls.open(
                    family: wanted.family, type: wanted.socktype, protocol: wanted.protocol)
            }, context)
        return code == CURLE_OK
    }

    /// After the transfer, out of the multi handle: nothing of the request stays behind.
    func reset() {
        _ = unsafe interlock_curl_set_headers(easy, nil)
        unsafe curl_slist_free_all(headers)
        unsafe headers = nil
        _ = unsafe interlock_curl_set_body(easy, nil, 0)
        _ = unsafe interlock_curl_set_context(easy, nil)
        _ = unsafe interlock_curl_set_opener(easy, nil, nil)
        _ = unsafe interlock_curl_set_authorities(easy, nil, 0)
    }

    /// Control characters could end a header's line.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 32 && $0 != 127 }
    }
}
