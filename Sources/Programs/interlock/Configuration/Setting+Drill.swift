import InterlockModel
import InterlockPolicy

extension Setting {
    static func drillTime(_ name: String, _ path: Path<DrillTime>, _ about: String) -> Setting {
        Setting(
            name: name, form: "`any` or DAY HH:MM ZONE", about: about,
            text: { "\"\($0[keyPath: path])\"" },
            read: { (node, configuration) throws(ValueError) in
                guard case .scalar(let scalar) = node.content, let time = DrillTime(scalar.text)
                else {
                    throw ValueError(expected: "`any` or a time such as `tue 10:00 Europe/Lisbon`")
                }
                configuration[keyPath: path] = time
            })
    }
}
