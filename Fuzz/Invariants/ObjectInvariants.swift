import InterlockModel
import InterlockWorkspace

extension Invariants {
    /// The output of Git is read alike however it is cut, and a content is passed on only as it was asked for.
    package static func gitObjects(_ bytes: [UInt8]) {
        for format in [ObjectFormat.sha1, .sha256] {
            let whole = list(bytes, format, step: max(1, bytes.count))
            precondition(list(bytes, format, step: 3) == whole, "a list is cut anywhere")
            let wanted = Set(
                (whole ?? []).map(\.id) + [ObjectID(words: Digest(words: (1, 2, 3, 4)))])
            let names = names(bytes, format, wanted, step: max(1, bytes.count))
            precondition(
                self.names(bytes, format, wanted, step: 3) == names, "names are cut anywhere")
            precondition(names.keys.allSatisfy(wanted.contains), "only wanted names are kept")
            guard let whole, whole.reduce(Int64(0), { $0 + min($1.size, 1 << 20) }) < 1 << 16
            else { continue }
            check(whole, format, bytes)
        }
    }

    private static func list(
        _ bytes: [UInt8], _ format: ObjectFormat, step: Int
    ) -> [ListedBlob]? {
        var list = ObjectList(format)
        for start in stride(from: 0, to: bytes.count, by: step) {
            let part = bytes.span.extracting(start..<min(start + step, bytes.count))
            guard (try? list.take(part)) != nil else { return nil }
        }
        return try? list.finish()
    }

    private static func names(
        _ bytes: [UInt8], _ format: ObjectFormat, _ wanted: Set<ObjectID>, step: Int
    ) -> [ObjectID: ObjectNames.Name] {
        var names = ObjectNames(of: wanted, format)
        for start in stride(from: 0, to: bytes.count, by: step) {
            let part = bytes.span.extracting(start..<min(start + step, bytes.count))
            guard (try? names.take(part)) != nil else { break }
        }
        return names.names
    }

    /// The contents that are announced are read from the bytes of Git, and from no others.
    private static func check(_ blobs: [ListedBlob], _ format: ObjectFormat, _ bytes: [UInt8]) {
        var output: [UInt8] = []
        var contents: [UInt8] = []
        for blob in blobs {
            let content = (0..<Int(blob.size)).map { bytes[$0 % bytes.count] }
            contents += content
            output += Array("\(blob.id.hex(format)) blob \(blob.size)\n".utf8) + content
            output.append(UInt8(ascii: "\n"))
        }
        precondition(Int64(output.count) <= ObjectStream.mostBytes(blobs), "the bound holds")
        precondition(read(blobs, format, output) == contents, "contents are read as they are")
        guard !output.isEmpty else { return }
        precondition(read(blobs, format, output.dropLast()) == nil, "a torn output is refused")
        precondition(
            read(blobs, format, output + [UInt8(ascii: "\n")]) == nil, "nothing may follow")
    }

    private static func read(
        _ blobs: [ListedBlob], _ format: ObjectFormat, _ output: [UInt8]
    ) -> [UInt8]? {
        var stream = ObjectStream(blobs, format)
        var contents: [UInt8] = []
        for start in stride(from: 0, to: output.count, by: 7) {
            let part = output.span.extracting(start..<min(start + 7, output.count))
            let isRead: ()? = try? stream.take(part) { event, bytes in
                guard event == .content else { return }
                for index in bytes.indices { contents.append(bytes[index]) }
            }
            guard isRead != nil else { return nil }
        }
        return (try? stream.finish()) == nil ? nil : contents
    }
}
