import CCurl
import Synchronization

/// HTTP/1.1 to upstreams, driven by one loop: pooled connections, no thread, no waiting. Plain HTTP to
/// addresses goes over connections of our own, everything else (TLS, names) through libcurl's multi
/// interface. One per loop; everything on that loop.
@safe package final class HTTPClient: @unchecked Sendable {
    package let loop: EventLoop
    private let multi: UnsafeMutableRawPointer
    private let plain: PlainClient

    private struct Running {
        let transfer: HTTPTransfer
        let handle: CurlHandle
    }
    private var running: [ObjectIdentifier: Running] = [:]
    /// Transfers with something to tell, in order.
    private var news: [HTTPTransfer] = []
    private var sockets: [Int32: CurlSocket] = [:]
    private var spare: [CurlHandle] = []
    private var timer: LoopTimer?
    private var timeoutPosted = false

    private static let spareHandles = 64
    private static let pooledConnections = 256
    private static let connectMilliseconds = 5_000

    package init(loop: EventLoop) {
        self.loop = loop
        plain = PlainClient(loop: loop)
        Self.initialise()
        guard let multi = unsafe curl_multi_init() else {
            preconditionFailure("no memory for an HTTP client")
        }
        unsafe self.multi = unsafe multi
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        _ = unsafe interlock_curl_multi_set_functions(
            multi,
            { _, descriptor, what, context, _ in
                guard let context = unsafe context else { return 0 }
                let client = unsafe Unmanaged<HTTPClient>.fromOpaque(context).takeUnretainedValue()
                client.watch(descriptor, what)
                return 0
            },
            { _, milliseconds, context in
                guard let context = unsafe context else { return 0 }
                let client = unsafe Unmanaged<HTTPClient>.fromOpaque(context).takeUnretainedValue()
                client.setTimer(milliseconds)
                return 0
            }, context)
        _ = unsafe interlock_curl_multi_set_long(
            multi, CURLMOPT_MAXCONNECTS, Self.pooledConnections)
    }

    deinit {
        for entry in running.values { unsafe curl_multi_remove_handle(multi, entry.handle.easy) }
        running = [:]
        spare = []
        unsafe curl_multi_cleanup(multi)
    }

    private static let initialised = Mutex(false)
    private static func initialise() {
        initialised.withLock { done in
            if !done { curl_global_init(Int(CURL_GLOBAL_ALL)) }
            done = true
        }
    }

    // MARK: requests

    /// The whole answer.
    package func send(_ request: ClientRequest) async -> Result<ClientResponse, ClientFailure> {
        await withCheckedContinuation { continuation in
            let answer = CollectedAnswer()
            _ = start(
                request,
                HTTPTransfer.Events(
                    head: { answer.head = $0 }, bytes: { answer.body += $0 },
                    end: { failure in
                        continuation.resume(returning: answer.result(failure))
                    }))
        }
    }

    /// Events come later, never from inside this call.
    func start(_ request: ClientRequest, _ events: HTTPTransfer.Events) -> HTTPTransfer {
        let transfer = HTTPTransfer(
            request: request, events: events, client: self, nowNanoseconds: loop.nowNanoseconds)
        // Only libcurl asks about each address before it connects.
        if !request.isPublicOnly, var route = plain.route(of: request.url) {
            route.origin.owner = request.owner
            plain.start(transfer, route)
            return transfer
        }
        if request.owner != nil {
            loop.post {
                transfer.finish(
                    ClientFailure(
                        .broken, wasSent: false,
                        "the user of its process is known at a loopback address alone"))
            }
            return transfer
        }
        guard let handle = spare.popLast() ?? CurlHandle() else {
            loop.post {
                transfer.finish(ClientFailure(.broken, wasSent: false, "no memory for a request"))
            }
            return transfer
        }
        guard handle.prepare(request, for: transfer) else {
            handle.reset()
            loop.post {
                transfer.finish(
                    ClientFailure(
                        .broken, wasSent: false, "its address or certificate cannot be judged"))
            }
            return transfer
        }
        running[ObjectIdentifier(transfer)] = Running(transfer: transfer, handle: handle)
        armDeadline(of: transfer)
        _ = unsafe curl_multi_add_handle(multi, handle.easy)
        return transfer
    }

    /// Ends a transfer and its connection; its `end` is called with `cancelled` before this returns.
    func cancel(_ transfer: HTTPTransfer) {
        let failure = ClientFailure(
            .cancelled, wasSent: transfer.wasSent, "the request was cancelled")
        transfer.connection?.drop()
        end(transfer, failure)
        transfer.finish(failure)
    }

    private func end(_ transfer: HTTPTransfer, _ failure: ClientFailure?) {
        guard let entry = running.removeValue(forKey: ObjectIdentifier(transfer)) else { return }
        if let timer = transfer.timer { loop.cancel(timer) }
        transfer.timer = nil
        unsafe curl_multi_remove_handle(multi, entry.handle.easy)
        entry.handle.reset()
        if spare.count < Self.spareHandles { spare.append(entry.handle) }
        transfer.finish(failure)
    }

    /// One lazy timer per transfer: progress moves the deadline without touching the heap.
    private func armDeadline(of transfer: HTTPTransfer) {
        let now = loop.nowNanoseconds
        let (deadline, kind) = transfer.deadline
        if deadline <= now {
            let what = kind == .idle ? "nothing came for too long" : "the answer took too long"
            return end(transfer, ClientFailure(kind, wasSent: transfer.wasSent, what))
        }
        let rest = Duration.nanoseconds(Int64(clamping: deadline - now))
        transfer.timer = loop.schedule(after: rest) { [weak self, weak transfer] in
            guard let self, let transfer else { return }
            self.armDeadline(of: transfer)
        }
    }

    // MARK: libcurl's wishes

    private func watch(_ descriptor: Int32, _ what: Int32) {
        if what == CURL_POLL_REMOVE {
            if let socket = sockets.removeValue(forKey: descriptor) { loop.remove(socket) }
            return
        }
        var events: UInt32 = 0
        if what & CURL_POLL_IN != 0 { events |= EventBits.readable }
        if what & CURL_POLL_OUT != 0 { events |= EventBits.writable }
        if let socket = sockets[descriptor] {
            loop.change(socket, events: events)
        } else {
            let socket = CurlSocket(descriptor: descriptor, client: self)
            sockets[descriptor] = socket
            _ = loop.add(socket, events: events)
        }
    }

    private func setTimer(_ milliseconds: Int) {
        if let timer { loop.cancel(timer) }
        timer = nil
        if milliseconds == 0 {
            guard !timeoutPosted else { return }
            timeoutPosted = true
            loop.post { [weak self] in
                self?.timeoutPosted = false
                self?.act(CURL_SOCKET_TIMEOUT, 0)
            }
        } else if milliseconds > 0 {
            timer = loop.schedule(after: .milliseconds(milliseconds)) { [weak self] in
                self?.act(CURL_SOCKET_TIMEOUT, 0)
            }
        }
    }

    fileprivate func act(_ descriptor: Int32, _ what: Int32) {
        var count: Int32 = 0
        _ = unsafe curl_multi_socket_action(multi, descriptor, what, &count)
        tell()
    }

    /// From libcurl's callbacks.
    func note(_ transfer: HTTPTransfer) { news.append(transfer) }

    /// Hands on what the callbacks noted. Only here do others' closures run, so they may start and
    /// cancel transfers freely.
    private func tell() {
        let told = news
        news.removeAll(keepingCapacity: true)
        for transfer in told { transfer.deliver(nowNanoseconds: loop.nowNanoseconds) }
        var code = CURLE_OK
        while let context = unsafe interlock_curl_multi_next_done(multi, &code) {
            let transfer = unsafe Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue()
            transfer.deliver(nowNanoseconds: loop.nowNanoseconds)
            end(transfer, Self.failure(code, transfer))
        }
    }

    private static func failure(_ code: CURLcode, _ transfer: HTTPTransfer) -> ClientFailure? {
        if code == CURLE_OK, transfer.hasHead { return nil }
        if transfer.isTooLarge {
            return ClientFailure(
                .tooLarge, wasSent: true,
                "the answer is above \(transfer.request.responseLimitBytes) bytes")
        }
        if transfer.metPrivateAddress, !transfer.wasSent {
            return ClientFailure(
                .broken, wasSent: false, "its address is private, loopback or link-local")
        }
        let text = unsafe String(cString: curl_easy_strerror(code))
        return ClientFailure(
            .broken, wasSent: transfer.wasSent, code == CURLE_OK ? "no answer" : text.lowercased())
    }
}

/// A descriptor of libcurl's in the loop.
private final class CurlSocket: EventSource, @unchecked Sendable {
    private weak var client: HTTPClient?

    init(descriptor: Int32, client: HTTPClient) {
        self.client = client
        super.init(descriptor: descriptor)
    }

    override func ready(_ events: UInt32) {
        var what: Int32 = 0
        if events & (EventBits.readable | EventBits.hangUp) != 0 { what |= CURL_CSELECT_IN }
        if events & EventBits.writable != 0 { what |= CURL_CSELECT_OUT }
        if events & EventBits.failed != 0 { what |= CURL_CSELECT_ERR }
        client?.act(descriptor, what)
    }
}

private final class CollectedAnswer {
    var head = ClientHead(status: 0)
    var body: [UInt8] = []

    func result(_ failure: ClientFailure?) -> Result<ClientResponse, ClientFailure> {
        if let failure { return .failure(failure) }
        return .success(ClientResponse(head: head, body: body))
    }
}
