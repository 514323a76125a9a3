import InterlockModel
import Testing

@Suite struct InternetAddressTests {
    @Test(
        arguments: [
            [0, 0, 0, 0], [10, 0, 0, 1], [100, 64, 0, 1], [100, 127, 255, 255], [127, 0, 0, 1],
            [127, 255, 255, 254], [169, 254, 169, 254], [172, 16, 0, 1], [172, 31, 255, 255],
            [192, 0, 0, 1], [192, 0, 2, 1], [192, 88, 99, 1], [192, 168, 1, 1], [198, 18, 0, 1],
            [198, 19, 255, 255], [198, 51, 100, 1], [203, 0, 113, 1], [224, 0, 0, 1],
            [240, 0, 0, 1], [255, 255, 255, 255],
        ] as [[UInt8]])
    func `addresses of one's own networks, and of none`(address: [UInt8]) {
        #expect(!InternetAddress.isPublic(address))
        let mapped = [UInt8](repeating: 0, count: 10) + [0xff, 0xff] + address
        #expect(!InternetAddress.isPublic(mapped))
    }

    @Test(
        arguments: [
            ([169, 254, 169, 254], true), ([169, 254, 0, 1], true), ([168, 63, 129, 16], true),
            ([100, 100, 100, 200], true), ([168, 63, 129, 17], false),
            ([100, 100, 100, 201], false),
            ([127, 0, 0, 1], false), ([10, 0, 0, 1], false), ([8, 8, 8, 8], false), ([], false),
        ] as [([UInt8], Bool)])
    func `addresses at which clouds give their credentials`(address: [UInt8], isOne: Bool) {
        #expect(InternetAddress.isMetadata(address) == isOne)
        guard address.count == 4 else { return }
        let zeros = [UInt8](repeating: 0, count: 10)
        #expect(InternetAddress.isMetadata(zeros + [0xff, 0xff] + address) == isOne)
        #expect(
            InternetAddress.isMetadata([0, 0x64, 0xff, 0x9b] + zeros.dropLast(2) + address) == isOne
        )
        #expect(InternetAddress.isMetadata([0xfe, 0x80] + zeros + address))
        #expect(InternetAddress.isMetadata([0xfd, 0x00, 0x0e, 0xc2] + zeros.dropLast(2) + address))
        #expect(
            !InternetAddress.isMetadata([0xfd, 0x00, 0x0e, 0xc3] + zeros.dropLast(2) + address))
    }

    @Test(
        arguments: [
            [1, 1, 1, 1], [8, 8, 8, 8], [9, 255, 255, 255], [11, 0, 0, 0], [100, 63, 255, 255],
            [100, 128, 0, 0], [126, 255, 255, 255], [128, 0, 0, 0], [169, 253, 255, 255],
            [172, 15, 255, 255], [172, 32, 0, 0], [192, 167, 255, 255], [192, 169, 0, 0],
            [198, 17, 255, 255], [198, 20, 0, 0], [223, 255, 255, 255],
        ] as [[UInt8]])
    func `addresses of the internet, beside those`(address: [UInt8]) {
        #expect(InternetAddress.isPublic(address))
        // The address is not public in any IPv6 form: mapped, compatible, NAT64, 6to4.
        let zeros = [UInt8](repeating: 0, count: 10)
        for disguise in [
            zeros + [0xff, 0xff] + address, zeros + [0, 0] + address,
            [0, 0x64, 0xff, 0x9b] + [UInt8](repeating: 0, count: 8) + address,
            [0x20, 0x02] + address + zeros,
        ] {
            #expect(disguise.count == 16 && !InternetAddress.isPublic(disguise))
        }
    }

    @Test(
        arguments: [
            ([0x20, 0x01, 0x48, 0x60], true), ([0x26, 0x06, 0x47, 0x00], true),
            ([0x2a, 0x00], true), ([0x20, 0x01, 0x02, 0x00], true), ([0x3f, 0xfe], true),
            ([], false), ([0xfe, 0x80], false), ([0xfe, 0xc0], false), ([0xfc, 0x00], false),
            ([0xfd, 0x12], false), ([0xff, 0x02], false), ([0x20, 0x01, 0x0d, 0xb8], false),
            ([0x20, 0x01, 0x00, 0x00], false), ([0x20, 0x01, 0x01, 0xff], false),
            ([0x20, 0x02, 0x08, 0x08], false), ([0x3f, 0xff, 0x0f], false), ([0x40], false),
            ([0x01, 0x00], false),
        ] as [([UInt8], Bool)])
    func `IPv6`(start: [UInt8], isPublic: Bool) {
        let address = start + [UInt8](repeating: 0, count: 15 - start.count) + [1]
        #expect(InternetAddress.isPublic(address) == isPublic)
    }

    @Test(arguments: [0, 1, 3, 5, 15, 17]) func `no other count of bytes`(count: Int) {
        #expect(!InternetAddress.isPublic([UInt8](repeating: 8, count: count)))
    }
}
