import InterlockTesting
import Testing

@testable import InterlockTransport

/// Responses of upstreams over plain HTTP, from bytes in any pieces.
struct ResponseReaderTests {
    struct Read: Equatable {
        var status = 0
        var type: String?
        var session: String?
        var body = ""
        var keepsAlive = true
        var used = 0
    }

    /// Feeds `text` in pieces of `size` bytes; returns nil if the response is incomplete.
    private func read(_ text: String, in size: Int, limit: Int = 1000, ends: Bool = false)
        throws(HTTPFault) -> Read?
    {
        final class Seen {
            var read = Read()
        }
        let seen = Seen()
        let transfer = HTTPTransfer(
            request: ClientRequest(url: "http://127.0.0.1/", responseLimitBytes: limit),
            events: HTTPTransfer.Events(
                head: {
                    seen.read.status = $0.status
                    seen.read.type = $0.contentType
                    seen.read.session = $0.sessionID
                }, bytes: { seen.read.body += String(decoding: $0, as: UTF8.self) },
                end: { _ in }), nowNanoseconds: 0)
        var reader = ResponseReader()
        let bytes = Array(text.utf8)
        var place = 0
        while place < bytes.count, !reader.isDone {
            let piece = Array(bytes[place..<min(place + size, bytes.count)])
            seen.read.used += try reader.read(piece.span, for: transfer)
            place += piece.count
        }
        if ends { _ = reader.end() }
        transfer.deliver(nowNanoseconds: 0)
        seen.read.keepsAlive = reader.keepsAlive
        return reader.isDone ? seen.read : nil
    }

    @Test(arguments: [1, 2, 7, 4096])
    func `each framing gives its body and says whether the connection lives`(size: Int) throws {
        let json = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        let length = json + "CONTENT-LENGTH: 2\r\nMcp-Session-Id: s1\r\n\r\n{}"
        #expect(
            try read(length, in: size)
                == Read(
                    status: 200, type: "application/json", session: "s1", body: "{}",
                    used: length.utf8.count))
        let chunked =
            "HTTP/1.1 100 Continue\r\n\r\n" + json
            + "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;x=y\r\n}\r\n0\r\nT: u\r\n\r\n"
        #expect(
            try read(chunked, in: size)
                == Read(
                    status: 200, type: "application/json", body: "{}", used: chunked.utf8.count))
        let none = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        #expect(
            try read(none, in: size)
                == Read(status: 202, keepsAlive: false, used: none.utf8.count))
        let empty = "HTTP/1.1 204 No Content\r\n\r\n"
        #expect(try read(empty, in: size) == Read(status: 204, used: empty.utf8.count))
        let open = "HTTP/1.0 200 OK\r\n\r\nuntil the end"
        #expect(try read(open, in: size) == nil)
        #expect(
            try read(open, in: size, ends: true)
                == Read(
                    status: 200, body: "until the end", keepsAlive: false, used: open.utf8.count))
    }

    @Test(.requirement("R151")) func `R151: interim answers come to an end`() throws {
        let (interim, last) = ("HTTP/1.1 103 Early Hints\r\n\r\n", "HTTP/1.1 204 None\r\n\r\n")
        #expect(try read(String(repeating: interim, count: 8) + last, in: 4096)?.status == 204)
        #expect(throws: HTTPFault.self) {
            try read(String(repeating: interim, count: 9) + last, in: 4096)
        }
    }

    @Test(.requirement("R151")) func `R151: extensions of chunks do not outweigh the content`()
        throws
    {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        let chunk = "1;" + String(repeating: "x", count: 200) + "\r\na\r\n"
        let few = head + String(repeating: chunk, count: 40) + "0\r\n\r\n"
        #expect(try read(few, in: 4096)?.body == String(repeating: "a", count: 40))
        #expect(throws: HTTPFault.self) {
            try read(head + String(repeating: chunk, count: 41) + "0\r\n\r\n", in: 4096)
        }
    }

    @Test func `an answer that stops early is not done`() throws {
        let whole = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
        for cut in 0..<whole.utf8.count {
            let part = String(decoding: whole.utf8.prefix(cut), as: UTF8.self)
            #expect(try read(part, in: 4096, ends: true) == nil, "\(cut)")
        }
    }

    @Test func `what follows an answer is not part of it`() throws {
        let one = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"
        #expect(try read(one + one, in: 4096)?.used == one.utf8.count)
    }

    @Test(arguments: [
        "HTTP/2 200\r\n\r\n", "HTTP/1.1 20x OK\r\n\r\n", "HTTP/1.1 101 Switching\r\n\r\n",
        "HTTP/1.1 099 No\r\n\r\n", "ICY 200 OK\r\n\r\n", "HTTP/1.1 200OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
    ])
    func `what is no answer is refused`(text: String) {
        #expect(throws: HTTPFault.self) { try read(text, in: 4096) }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n01234567890",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n012345\r\n5\r\n67890\r\n0\r\n\r\n",
    ])
    func `a body above the limit is refused as such`(text: String) throws {
        for size in [1, 4096] {
            #expect(throws: HTTPFault(413, "")) { try read(text, in: size, limit: 10) }
            #expect(try read(text, in: size, limit: 11)?.body == "01234567890")
        }
    }

    @Test func `a head without end is refused`() {
        let text = "HTTP/1.1 200 OK\r\nA: " + String(repeating: "b", count: 80_000)
        #expect(throws: HTTPFault(431, "")) { try read(text, in: 1000) }
    }
}
