@testable import InterlockEvals

/// Archives of tests, written by hand: each field of a header can be another one than it should be.
struct ZipFixture {
    var name: String
    var contents: [UInt8]
    /// 0 for stored, 8 for deflate.
    var method = 0
    var flags = 0
    /// The data, if they are not those of `contents`.
    var packed: [UInt8]?
    /// The size that both headers state.
    var size: Int?
    /// The size that the header before the data states.
    var headerSize: Int?
    var headerName: String?
    var crc: UInt32?
    /// The place of the header, if it is another entry's.
    var offset: Int?

    init(_ name: String, _ contents: [UInt8]) {
        self.name = name
        self.contents = contents
    }

    init(_ name: String, _ text: String) { self.init(name, Array(text.utf8)) }

    /// The entry as raw deflate data of one stored block (RFC 1951, section 3.2.4).
    var deflated: ZipFixture {
        var copy = self
        let length = UInt16(contents.count)
        copy.method = 8
        let head: [UInt8] = [
            1, UInt8(length & 0xff), UInt8(length >> 8), UInt8(~length & 0xff),
            UInt8(~length >> 8),
        ]
        copy.packed = head + contents
        return copy
    }

    func with(_ change: (inout ZipFixture) -> Void) -> ZipFixture {
        var copy = self
        change(&copy)
        return copy
    }

    private var data: [UInt8] { packed ?? contents }

    private func fields(_ size: Int) -> [UInt8] {
        let checksum = crc ?? CRC32.of(contents)
        var bytes = short(flags)
        bytes += short(method)
        bytes += long(0)
        bytes += long(Int(checksum))
        bytes += long(data.count)
        bytes += long(size)
        return bytes
    }

    private var header: [UInt8] {
        let name = Array((headerName ?? self.name).utf8)
        var bytes = long(0x0403_4b50)
        bytes += short(20)
        bytes += fields(headerSize ?? size ?? contents.count)
        bytes += short(name.count)
        bytes += short(0)
        return bytes + name
    }

    /// - Parameter end: changes the bytes of the end record.
    static func archive(
        _ entries: [ZipFixture], end change: (inout [UInt8]) -> Void = { _ in }
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        var directory: [UInt8] = []
        for entry in entries {
            let offset = entry.offset ?? bytes.count
            bytes += entry.header + entry.data
            let name = Array(entry.name.utf8)
            directory += long(0x0201_4b50)
            directory += short(20)
            directory += short(20)
            directory += entry.fields(entry.size ?? entry.contents.count)
            directory += short(name.count)
            // No extra field, comment, other disk or attributes.
            directory += [UInt8](repeating: 0, count: 12)
            directory += long(offset)
            directory += name
        }
        var end = long(0x0605_4b50)
        end += long(0)
        end += short(entries.count)
        end += short(entries.count)
        end += long(directory.count)
        end += long(bytes.count)
        end += short(0)
        change(&end)
        return bytes + directory + end
    }
}

private func short(_ number: Int) -> [UInt8] {
    [UInt8(number & 0xff), UInt8((number >> 8) & 0xff)]
}

private func long(_ number: Int) -> [UInt8] { short(number & 0xffff) + short(number >> 16) }
