"""Passbands: names, effective wavelengths, and those that users add."""

from zoo.passbands.catalogue import BANDS as BANDS
from zoo.passbands.catalogue import CATALOGUE as CATALOGUE
from zoo.passbands.catalogue import OFTEN_VEGA as OFTEN_VEGA
from zoo.passbands.catalogue import PASSBANDS as PASSBANDS
from zoo.passbands.catalogue import SURVEYS as SURVEYS
from zoo.passbands.catalogue import ZTF_AND_LSST as ZTF_AND_LSST
from zoo.passbands.catalogue import Passband as Passband
from zoo.passbands.catalogue import of_survey as of_survey
from zoo.passbands.files import FILE as FILE
from zoo.passbands.files import passband_of as passband_of
from zoo.passbands.files import read_passbands as read_passbands
from zoo.passbands.invented import INVENTED as INVENTED
from zoo.passbands.invented import invented as invented
from zoo.passbands.invented import nanometres as nanometres
from zoo.passbands.names import LONGEST as LONGEST
from zoo.passbands.names import TOLERANCE as TOLERANCE
from zoo.passbands.names import find as find
from zoo.passbands.names import in_order as in_order
from zoo.passbands.names import make as make
from zoo.passbands.names import near as near
from zoo.passbands.names import register as register
from zoo.passbands.names import what_to_state as what_to_state
