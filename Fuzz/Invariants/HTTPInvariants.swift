import InterlockAdministration
import InterlockGovernor
import InterlockPorts
import InterlockTransport

extension Invariants {
    /// The parser yields the same requests and the same refusal however the input is split into pieces; every accepted
    /// request keeps the rules that the gateway relies on.
    package static func http(_ bytes: [UInt8]) {
        let whole = read(bytes, pieceBytes: bytes.count)
        precondition(read(bytes, pieceBytes: 1) == whole, "single bytes make no difference")
        let size = bytes.isEmpty ? 1 : Int(bytes[bytes.count / 2]) % 16 + 2
        precondition(read(bytes, pieceBytes: size) == whole, "pieces make no difference")
        lines(bytes, size)
    }

    private static let bodyBytes = 512

    private struct Reading: Equatable {
        var requests: [String] = []
        var refusal: Int?
    }

    private static func read(_ bytes: [UInt8], pieceBytes: Int) -> Reading {
        var parser = RequestParser(listener: .agents)
        var reading = Reading()
        var held: [UInt8] = []
        var place = 0
        var text = ""
        repeat {
            let end = min(bytes.count, place + max(1, pieceBytes))
            held += bytes[place..<end]
            place = end
            pieces: while true {
                let (consumed, event) = parser.parse(held.span)
                precondition(consumed <= held.count, "no more is used up than there is")
                held.removeFirst(consumed)
                switch event {
                case .needMore: break pieces
                case .head(let head, let framing):
                    check(head, framing)
                    text = "\(head.method) \(head.path) \(head.query ?? "-") \(head.headers)"
                    parser.readBody(limitBytes: bodyBytes)
                case .body(let body):
                    precondition(body.count <= bodyBytes, "a body is within its limit")
                    reading.requests.append("\(text) \(body)")
                case .refused(let fault):
                    precondition((400...505).contains(fault.status), "a refusal has a status")
                    reading.refusal = fault.status
                    return reading
                }
            }
        } while place < bytes.count
        return reading
    }

    private static func check(_ head: RequestHead, _ framing: RequestFraming) {
        precondition(head.path.utf8.first == UInt8(ascii: "/"), "a path begins with a slash")
        for name in ["host", "content-length", "authorization", "transfer-encoding"] {
            precondition(head.headers.count { $0.name == name } <= 1, "\(name) stands once")
        }
        precondition(head["host"]?.isEmpty == false, "there is a host")
        precondition(
            head["content-length"] == nil || head["transfer-encoding"] == nil,
            "a body is framed in one way")
        precondition(
            head.headers.allSatisfy { name, value in
                name == name.lowercased() && (name + value).utf8.allSatisfy { $0 >= 32 || $0 == 9 }
            }, "fields have no control characters")
        if case .chunked = framing.body {
            precondition(head.contentLength == nil, "a chunked body has no length")
        }
    }

    private static func lines(_ bytes: [UInt8], _ pieceBytes: Int) {
        func cut(_ size: Int) -> [[UInt8]]? {
            var framer = LineFramer(limitBytes: 64)
            var lines: [[UInt8]] = []
            var place = 0
            while place < bytes.count {
                let end = min(bytes.count, place + size)
                guard let more = try? framer.feed(Array(bytes[place..<end])) else { return nil }
                lines += more
                place = end
            }
            return lines
        }
        let whole = cut(max(1, bytes.count))
        precondition(cut(pieceBytes) == whole, "lines do not depend on pieces")
        precondition(whole?.allSatisfy { $0.count <= 64 } ?? true, "a line is within its limit")
    }
}
