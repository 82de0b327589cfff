"""Made-up devices' answers to exactly the commands of their platforms, as the vendors' documents print them."""

IOS = {
    "terminal length 0": "",
    "terminal width 511": "",
    "show running-config": """Building configuration...

Current configuration : 1234 bytes
!
! Last configuration change at 10:11:12 WIB Sun Nov 22 2026 by andi
!
version 15.2
hostname core-1
!
line vty 0 4
 transport input ssh
!
end
""",
    "show startup-config": """Using 1200 out of 65536 bytes
!
! Last configuration change at 09:00:00 WIB Sun Nov 22 2026 by andi
!
version 15.2
hostname core-1
!
line vty 0 4
 transport input ssh
!
end
""",
    "show inventory": 'NAME: "1", DESCR: "WS-C2960X-24TS-L"\nPID: WS-C2960X-24TS-L  , VID: V05  , SN: FOC1111X0AA\n\n',
}
IOS_PROMPT = "core-1#"

JUNOS = {
    "set cli screen-length 0": "Screen length set to 0\n",
    "set cli screen-width 0": "Screen width set to 0\n",
    "show configuration | display set": "set version 21.4R3\nset system host-name edge-1\nset system services ssh\n",
    "show system commit": "0   2026-11-22 10:11:12 WIB by andi via cli\n1   2026-11-21 08:00:00 WIB by budi via cli\n",
    "show chassis hardware": "Hardware inventory:\n"
    "Item             Version  Part number  Serial number     Description\n"
    "Chassis                                JN1234567AFB      MX204\n",
    "show chassis environment": "Class Item                           Status     Measurement\n"
    "Temp  PSM 0                          OK         33 degrees C / 91 degrees F\n",
}
JUNOS_PROMPT = "{master:0}\r\nandi@edge-1> "

EOS = {
    "terminal length 0": "Pagination disabled.\n",
    "terminal width 32767": "Width set to 32767 columns.\n",
    "show running-config": "! Command: show running-config\n! device: leaf-1 (DCS-7050, EOS-4.28.3M)\n!\n"
    "hostname leaf-1\n"
    "!\nmanagement ssh\n   idle-timeout 10\n!\nend\n",
    "show running-config diffs": "",
    "show startup-config": "! Command: show startup-config\n"
    "! Startup-config last modified at  Sun Nov 22 10:11:12 2026 by andi\nhostname leaf-1\nend\n",
    "show version": "Arista DCS-7050TX-64\nHardware version:    01.11\nSerial number:       JPE14082222\n",
    "show interfaces transceiver": "If device is externally calibrated, only calibrated values are printed.\n",
}
EOS_PROMPT = "leaf-1#"

HUAWEI = {
    "screen-length 0 temporary": "Info: The configuration takes effect on the current user terminal interface only.\n",
    "display current-configuration": "!Software Version V200R010C00SPC600\n"
    "!Last configuration was updated at 2026-11-22 10:11:12+07:00 by andi\n#\nsysname acc-1\n#\nstelnet server enable\n"
    "#\nreturn\n",
    "display saved-configuration": "!Software Version V200R010C00SPC600\n"
    "!Last configuration was saved at 2026-11-22 09:00:00+07:00 by andi\n#\nsysname acc-1\n#\nstelnet server enable\n"
    "#\nreturn\n",
    "display esn": "ESN of slot 0: 2102350DLR1234567890\n",
    "display temperature all": "Slot  Sensor  Status  Current(C)\n0     CPU     NORMAL  41\n",
}
HUAWEI_PROMPT = "<acc-1>"
